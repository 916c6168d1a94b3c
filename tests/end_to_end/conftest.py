"""A lake run the way a person runs one, in this process, on the engine of the session."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from metriccare.commands.printing.progress import Progress
from metriccare.naming import DEFAULT_TENANT
from metriccare.query.engine import Rows
from metriccare.wiring.local import LocalLake, ingest_paths, local_lake, run_local
from metriccare.wiring.queries import open_engine

# Columns that say when and from where a row came, not what it says.
LINEAGE = frozenset(
    {"run_id", "source_file", "source_line", "ingested_at", "file_id", "ingest_sequence"}
    | {"record_key", "ordering", "published_at", "last_ingested_at", "admit_at"}
)


class Lakeside:
    """A lake in a temporary folder: take in, run, ask."""

    def __init__(self, folder: Path, kind: str, began: datetime | None = None) -> None:
        here = local_lake(str(folder / "lake"), None, kind)
        # Lakes that are compared have runs of one time: rules ask which dates lie after it.
        self.here: LocalLake = replace(here, clock=lambda: began) if began else here
        self.said: list[str] = []

    def ingest(self, *paths: Path, tenant: str = DEFAULT_TENANT):
        with Progress() as progress:
            return ingest_paths(self.here, [str(path) for path in paths], tenant, progress.counted)

    def run(self, as_of: str | None = None):
        day = date.fromisoformat(as_of) if as_of else None
        return run_local(self.here, day, self.said.append)

    def ask(self, sql: str) -> Rows:
        return open_engine(self.here.lake).query(sql)

    def content(self, table: str) -> list[str]:
        """Return what a table says, row by row, apart from lineage."""
        found = self.ask(f"SELECT * FROM {table}")
        return sorted(
            repr([value for name, value in row.items() if name not in LINEAGE])
            for row in found.records()
        )

    def stamps(self, table: str) -> list[tuple]:
        """Return each row's key and the run that wrote it."""
        return sorted(self.ask(f"SELECT record_key, run_id FROM {table}").rows)

    def store(self):
        return closing(self.here.store())


@pytest.fixture(scope="module")
def lakeside(engine_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Lakeside:
    """Return one lake for the tests of a module, which build on each other in order."""
    return Lakeside(tmp_path_factory.mktemp("lakeside"), engine_kind)
