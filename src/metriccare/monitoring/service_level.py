"""How long uploads take until they are published, by tenant."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

from metriccare.tracking.states import FileRecord, FileState, RunRecord


def minutes_to_publish(files: Iterable[FileRecord], run: RunRecord) -> dict[str, list[float]]:
    """Return, by tenant, the minutes from upload to publication of the files a run published."""
    found: dict[str, list[float]] = defaultdict(list)
    for file in files:
        if run.ended_at and file.run_id == run.run_id and file.state == FileState.PUBLISHED:
            waited = (run.ended_at - file.registered_at).total_seconds() / 60
            found[file.tenant].append(round(waited, 1))
    return {tenant: sorted(minutes) for tenant, minutes in sorted(found.items())}


def percentile(ordered: Sequence[float], share: float) -> float:
    """Return the smallest value that at least this share of the ordered values do not exceed."""
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def sample(ordered: Sequence[float], size: int) -> list[float]:
    """Return at most `size` of the ordered values, spread evenly, the largest among them."""
    if len(ordered) <= size:
        return list(ordered)
    return [percentile(ordered, (place + 1) / size) for place in range(size)]
