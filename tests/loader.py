"""Loads batches of resources through the stages of a lake in a temporary folder."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from metriccare.engine.protocol import Changes, Engine, Operation, Row
from metriccare.ingest.sent_files import find_files
from metriccare.local.raw_zone import ingest
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.pipeline import runs
from metriccare.pipeline.runs import Run
from metriccare.settings import DUCKDB, Lake, Settings
from metriccare.tables import BY_NAME, Table
from metriccare.tables.commit_note import CommitNote
from metriccare.upkeep import stages
from metriccare.wiring.engines import open_engine
from metriccare.wiring.storage import folder_storage
from tests.pipeline.resources import encounter, ndjson, patient

__all__ = ["NOW", "Batch", "Loader", "encounter", "ndjson", "patient"]

Batch = list[dict[str, Any]] | bytes
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)


class Loader:
    """Loads batches one run after the other, and reads tables back."""

    def __init__(self, kind: str, lake: Lake, folder: Path) -> None:
        self.kind, self.lake, self.folder = kind, lake, folder
        self.store = SqliteTracking(lake.folder / "tracking.db")
        self.count = 0

    def receive(self, batch: Batch, name: str | None = None, tenant: str = "default") -> None:
        """Put a batch into the raw zone."""
        self.count += 1
        content = batch if isinstance(batch, bytes) else ndjson(batch)
        path = self.folder / (name or f"batch-{self.count}.ndjson")
        path.write_bytes(content)
        ingest(self.lake, self.store, find_files([path]), tenant)

    def begin(self, settings: Settings | None = None, as_of: date | None = None) -> Run:
        """Begin a run."""
        writer = runs.Writer("test", lambda _: True, NOW)
        return runs.begin(
            folder_storage(self.lake), settings or Settings(), self.store, writer, as_of
        )

    @contextmanager
    def engine(self, run: Run | None = None) -> Iterator[Engine[Any]]:
        """Open the engine over the lake, under a run's lease or none."""
        check = (lambda: self.store.check_lease(run.lease)) if run else (lambda: None)
        with open_engine(self.lake, self.kind, check) as engine:
            yield engine

    def run(self, settings: Settings | None = None) -> Run:
        """Process the received batches to bronze and silver."""
        run = self.begin(settings)
        with self.engine(run) as engine:
            run = stages.run_silver(engine, stages.run_bronze(engine, run))
        return runs.end(run, NOW)

    def load(self, *batches: Batch) -> Run:
        """Receive and run each batch in turn; return the last run."""
        for batch in batches:
            self.receive(batch)
            run = self.run()
        return run

    def rows(self, table: str, *columns: str, tenant: str | None = None) -> list[tuple]:
        """Return a table's rows, sorted, as plain tuples; with a tenant its rows only."""
        where = f" where tenant = '{tenant}'" if tenant else ""
        answers = self.ask(f"select {', '.join(columns)} from stored{where}", table)
        return sorted((tuple(row.values()) for row in answers), key=repr)

    def content(
        self, table: Table, stamps: Collection[str], tenant: str | None = None
    ) -> list[tuple]:
        """Return a table's rows in all columns but some."""
        names = [name for name in table.column_names if name not in stamps]
        return self.rows(table.full_name, *names, tenant=tenant)

    def commits(self, table: str) -> int:
        """Return how many commits a table has."""
        with self.engine() as engine:
            return len(engine.commits(BY_NAME[table]))

    def remove(self, table: str, which: str) -> None:
        """Remove rows from a table without a run."""
        with self.engine() as engine:
            stored = engine.read(BY_NAME[table])
            gone = engine.materialize(
                engine.sql(f"select * from stored where {which}", stored=stored)
            )
            note = CommitNote("run-lost", which)
            engine.commit(Changes(BY_NAME[table], gone, Operation.DELETE), note)

    def ask(self, model: str, table: str) -> list[Row]:
        """Return a model's rows over a table, which it calls `stored`; read natively."""
        with open_engine(self.lake, DUCKDB, lambda: None) as engine:
            return engine.rows(engine.sql(model, stored=engine.read(BY_NAME[table])))
