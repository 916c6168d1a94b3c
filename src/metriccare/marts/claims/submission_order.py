"""The order in which an account's claims were submitted. Source: specification, 1.6.4."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from metriccare.marts.claims.claim import ORIGINAL, REPLACEMENT, Claim
from metriccare.marts.claims.remit import Remit
from metriccare.marts.claims.submission import Submission


def ordered(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims as they were submitted: by date, then what names another, then id."""
    by_day: dict[date, list[Claim]] = {}
    for claim in sorted(claims, key=lambda c: c.id):
        by_day.setdefault(claim.submitted_date or date.max, []).append(claim)
    return [claim for _, same_day in sorted(by_day.items()) for claim in _chained(same_day)]


def _chained(claims: list[Claim]) -> list[Claim]:
    """Return the claims of one day, what names another after it; circles end."""
    depths = {claim.id: 0 for claim in claims}
    for _ in claims[1:]:
        before = dict(depths)
        for claim in claims:
            named = (depths[p] + 1 for p in claim.sent.prior_ids if p in depths and p != claim.id)
            depths[claim.id] = min(max(named, default=0), len(claims))
        if depths == before:
            break
    return sorted(claims, key=lambda c: (depths[c.id], c.id))


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
