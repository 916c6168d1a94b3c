"""The order in which an account's claims were submitted. Source: specification, 1.6.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from metriccare.marts.claims.claim import ORIGINAL, REPLACEMENT, Claim
from metriccare.marts.claims.remit import Remit
from metriccare.marts.claims.submission import Submission


def ordered(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims as they were submitted: by date, then what names another, then id."""
    by_id = {claim.id: claim for claim in claims}

    def depth(claim: Claim, seen: frozenset[str]) -> int:
        named = (by_id[p] for p in claim.sent.prior_ids if p in by_id and p not in seen)
        return max((1 + depth(p, seen | {p.id}) for p in named), default=0)

    def key(claim: Claim) -> tuple[date, int, str]:
        day = claim.submitted_date or date.max
        return (day, depth(claim, frozenset({claim.id})) if len(claims) > 1 else 0, claim.id)

    return sorted(claims, key=key)


def submissions_of(
    claims: Sequence[Claim],
    levels: Mapping[str, int],
    remits: Mapping[str, tuple[Remit, ...]],
) -> list[Submission]:
    """Return the account's submissions in order; a second original acts as a replacement."""
    counts: dict[int, int] = {}
    originals: set[int] = set()
    found = []
    for place, claim in enumerate(ordered(claims)):
        level, frequency = levels[claim.id], claim.frequency
        counts[level] = counts.get(level, 0) + 1
        if frequency == ORIGINAL:
            frequency = REPLACEMENT if level in originals else ORIGINAL
            originals.add(level)
        answers = remits.get(claim.id, ())
        found.append(Submission(claim, level, place, counts[level], frequency, answers))
    return found
