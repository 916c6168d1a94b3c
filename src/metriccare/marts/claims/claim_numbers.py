"""Claims that share a number with another person's claim, or with another billing provider's.

Both are kept apart and flagged. Source: claims specification, 7.2.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from metriccare.marts.claims.claim import Claim
from metriccare.marts.claims.history import SentClaim


def numbers_of(sent: SentClaim) -> set[str]:
    """Return the numbers a claim goes by; all claims of an account share its number."""
    return {sent.id, *sent.identifiers} - {sent.account_number}


def with_shared_number(
    claims: Iterable[Claim], of_others: Collection[str], known_as: Mapping[str, str]
) -> set[str]:
    """Return the ids of claims with a number of another person's or billing provider's claim.

    `of_others` are numbers that claims of several persons have, `known_as` the claims that a feed
    knows by another id.
    """
    billed_by: dict[str, set[str | None]] = {}
    named: dict[str, set[str]] = {}
    for claim in claims:
        own = numbers_of(claim.sent) | {old for old, new in known_as.items() if new == claim.id}
        named[claim.id] = own
        for number in own:
            billed_by.setdefault(number, set()).add(claim.billing_provider_id)
    return {
        id_
        for id_, numbers in named.items()
        if not numbers.isdisjoint(of_others) or any(len(billed_by[n]) > 1 for n in numbers)
    }
