"""Which claims belong to one account. Source: claims specification, 1.6.1 and 1.6.2."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from metriccare.marts.claims.claim import Claim


def grouped(claims: Iterable[Claim]) -> list[tuple[Claim, ...]]:
    """Return the claims of each account, by id; the accounts by their lowest claim id."""
    ordered = sorted(claims, key=lambda c: c.id)
    root = {claim.id: claim.id for claim in ordered}
    for one, other in _links(ordered):
        low, high = sorted((_root(root, one.id), _root(root, other.id)))
        root[high] = low
    accounts: dict[str, list[Claim]] = {}
    for claim in ordered:
        accounts.setdefault(_root(root, claim.id), []).append(claim)
    return [tuple(members) for _, members in sorted(accounts.items())]


def _root(root: dict[str, str], id_: str) -> str:
    while root[id_] != id_:
        root[id_] = root[root[id_]]
        id_ = root[id_]
    return id_


def _links(claims: Sequence[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Yield pairs of claims that belong together: only claims of one billing provider do."""
    by_id = {claim.id: claim for claim in claims}
    numbered: dict[tuple[str, str | None], list[Claim]] = {}
    same_visit: dict[tuple[object, ...], list[Claim]] = {}
    for claim in claims:
        bills = claim.billing_provider_id
        for prior in claim.sent.prior_ids:
            named = by_id.get(prior)
            if named is not None and named.billing_provider_id == bills:
                yield claim, named
        if claim.sent.account_number:
            numbered.setdefault((claim.sent.account_number, bills), []).append(claim)
        if claim.encounter_ids:
            key = (claim.encounter_ids, claim.sent.claim_type, bills)
            same_visit.setdefault(key, []).append(claim)
    for group in numbered.values():
        yield from _overlapping(group)
    for group in same_visit.values():
        # One of two claims must be of a later payer: two primary claims may be two services.
        for later in (c for c in group if c.level > 1):
            yield from ((later, other) for other in group if other is not later)


def _overlapping(claims: Sequence[Claim]) -> Iterator[tuple[Claim, Claim]]:
    """Yield pairs that share at least one day of service."""
    dated = [c for c in claims if c.service_from and c.service_to]
    dated.sort(key=lambda c: (c.service_from, c.service_to, c.id))
    latest: Claim | None = None
    for claim in dated:
        if latest is not None and claim.service_from <= latest.service_to:  # type: ignore[operator]
            yield latest, claim
        if latest is None or claim.service_to > latest.service_to:  # type: ignore[operator]
            latest = claim


def acting_levels(claims: Iterable[Claim]) -> dict[str, int]:
    """Return each claim's level; if no primary payer is known, the lowest acts as one."""
    levels = {claim.id: claim.level for claim in claims}
    lowest = min(levels.values())
    return {id_: 1 if level == lowest else level for id_, level in levels.items()}
