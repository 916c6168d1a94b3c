"""A lake that loads files written by the test; bronze only, without a tracking store."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.incremental.context import RunContext
from metriccare.local.folder_store import FolderStore, LocalRawFiles
from metriccare.pipeline.bronze import stage
from metriccare.pipeline.bronze.file_counts import FileCounts
from metriccare.settings import Lake
from metriccare.tables import BY_NAME
from metriccare.tracking.erased import ErasedNames
from metriccare.tracking.states import FileRecord

FIRST = datetime(2024, 6, 1, 12, tzinfo=UTC)


class BronzeLake:
    """Each run has the next number and begins a day after the one before."""

    def __init__(self, folder: Path) -> None:
        self.lake, self.folder = Lake(str(folder / "lake")), folder
        self.lake.folder.mkdir()
        self.engine = DuckDbEngine(FolderStore(self.lake.folder), lambda: None)
        self.runs = self.files = 0

    def file(self, content: bytes | list[dict], name: str = "", tenant: str = "north"):
        """Write a file that is claimed with the next sequence."""
        self.files += 1
        raw = content if isinstance(content, bytes) else ndjson(*content)
        path = self.folder / (name or f"file-{self.files}.ndjson")
        path.write_bytes(raw)
        file_id = f"{self.files:016x}"
        return FileRecord(
            file_id, tenant, path.name, str(path), len(raw), FIRST, sequence=self.files
        )

    def context(self, erased: ErasedNames | None = None) -> RunContext:
        self.runs += 1
        at = FIRST + timedelta(days=self.runs - 1)
        run_id = f"run-{self.runs}"
        return RunContext(
            run_id,
            self.lake,
            at,
            date(2024, 6, 1),
            LocalRawFiles(),
            erased=erased or ErasedNames(),
        )

    def run(self, *files: FileRecord, erased: ErasedNames | None = None) -> list[FileCounts]:
        """Load files with one run; return the counts of each."""
        counts = stage.run(self.engine, self.context(erased), files)
        return [counts[file.file_id] for file in files]

    def run_again(self, *files: FileRecord, erased: ErasedNames | None = None) -> list[FileCounts]:
        """Replay files with a run of their own."""
        return self.run(*(replace(file, replays=1) for file in files), erased=erased)

    def rows(self, table: str, *columns: str) -> list[tuple]:
        """Return a table's rows, sorted."""
        found = self.engine.rows(self.engine.read(BY_NAME[table]))
        return sorted(tuple(row[name] for name in columns) for row in found)

    def commits(self, table: str) -> int:
        return len(self.engine.commits(BY_NAME[table]))


class Killed(Exception):
    """Raised in place of the end of a process."""


def killed_after(engine: DuckDbEngine, commits: int) -> Callable[..., None]:
    """Return an engine's `commit` that ends the run after some commits."""
    commit, done = engine.commit, [0]

    def counted(*arguments: Any) -> None:
        if done[0] == commits:
            raise Killed
        commit(*arguments)
        done[0] += 1

    return counted


def ndjson(*resources: dict[str, Any]) -> bytes:
    return b"".join(json.dumps(resource).encode() + b"\n" for resource in resources)


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "entry": [{"resource": one} for one in resources]}


def patient(id_: str, updated: str = "2024-01-01T00:00:00Z", **more: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", "id": id_, "meta": {"lastUpdated": updated}, **more}


def ids(rows: Sequence[tuple]) -> list[str]:
    return [row[0] for row in rows]
