"""Commits of a lake on this machine that left rows out and were not rebuilt since."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC
from pathlib import Path

from metriccare import naming
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.tables import TABLES, Table
from metriccare.tables.commit_note import rows_not_written
from metriccare.tables.declaration import PARTITION_COLUMN
from metriccare.tracking.pending import rebuilt
from metriccare.tracking.states import RunRecord


def rows_left_out(root: Path) -> dict[Table, int]:
    """Return how many rows could not be written, by table; only tables with such rows."""
    runs = _runs(root / naming.TRACKING_FILE)
    counts: Counter[Table] = Counter()
    for table in TABLES:
        for instant, tenant, rows in _left_out(root / table.path / ".hoodie"):
            fixed = rebuilt(runs, tenant)
            if fixed is None or instant > f"{fixed.started_at.astimezone(UTC):%Y%m%d%H%M%S}":
                counts[table] += rows
    return dict(counts)


def _runs(tracking: Path) -> Sequence[RunRecord]:
    if not tracking.is_file():
        return ()
    with closing(SqliteTracking.read_only(tracking)) as store:
        return store.runs()


def _left_out(timeline: Path) -> Iterator[tuple[str, str, int]]:
    """Give the instant, tenant and number of rows of each commit that left some out."""
    for commit in timeline.glob("*.commit"):
        for partition, rows in rows_not_written(commit.read_text(encoding="utf-8")).items():
            yield commit.stem, partition.removeprefix(f"{PARTITION_COLUMN}="), rows
