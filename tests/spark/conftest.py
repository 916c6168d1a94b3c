"""Batches of resources taken through bronze and silver of a lake in a temporary folder."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metriccare.local.raw_zone import ingest
from metriccare.local.sent_files import find_files
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.settings import Lake, Settings
from metriccare.spark import hudi
from metriccare.tables import BY_NAME
from tests.pipeline.resources import ndjson

Batch = list[dict[str, Any]] | bytes


class Loader:
    """Loads batches one run after the other, and reads tables back."""

    def __init__(self, spark, lake: Lake, folder: Path) -> None:
        self.spark, self.lake, self.folder = spark, lake, folder
        self.store = SqliteTracking(lake.folder / "tracking.db")
        self.count = 0

    def receive(self, batch: Batch, name: str | None = None, tenant: str = "default") -> None:
        """Put a batch into the raw zone."""
        self.count += 1
        content = batch if isinstance(batch, bytes) else ndjson(batch)
        path = self.folder / (name or f"batch-{self.count}.ndjson")
        path.write_bytes(content)
        ingest(self.lake, self.store, find_files([path]), tenant)

    def run(self, settings: Settings | None = None):
        """Take what was received through bronze and silver."""
        from metriccare.jobs import pipeline
        from metriccare.pipeline import runs

        now = datetime(2024, 6, 1, 12, tzinfo=UTC)
        writer = runs.Writer("test", lambda _: True, now)
        run = runs.begin(self.lake, settings or Settings(), self.store, writer, None)
        run = pipeline.run_silver(self.spark, pipeline.run_bronze(self.spark, run))
        return runs.end(run, now)

    def load(self, *batches: Batch):
        """Receive and run each batch in turn; return the last run."""
        for batch in batches:
            self.receive(batch)
            run = self.run()
        return run

    def rows(self, table: str, *columns: str) -> list[tuple]:
        """Return a table's rows, sorted, as plain tuples."""
        frame = hudi.read(self.spark, self.lake, BY_NAME[table])
        return sorted(tuple(row) for row in frame.select(*columns).collect())


@pytest.fixture
def loader(spark, lake: Lake, tmp_path: Path) -> Callable[..., Any]:
    return Loader(spark, lake, tmp_path)
