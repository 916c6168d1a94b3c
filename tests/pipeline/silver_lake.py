"""A lake with bronze rows written by the test; each run processes the new ones to silver."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.protocol import Changes, Operation
from metriccare.incremental.context import RunContext
from metriccare.local.folder_store import FolderStore, LocalRawFiles
from metriccare.pipeline.silver import stage
from metriccare.settings import Lake
from metriccare.sources.fhir.exchange import FileReader
from metriccare.sources.fhir.record import FhirRecord, refers_indirectly
from metriccare.tables import BY_NAME, bronze
from metriccare.tables.commit_note import CommitNote
from tests.pipeline.resources import ndjson

STARTED = datetime(2024, 6, 1, 12, tzinfo=UTC)
Batch = list[dict[str, Any]] | bytes


class SilverLake:
    """Files have the numbers 1, 2, ... and runs the ids run-1, run-2, ..."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.lake, self.files, self.runs = Lake(str(folder)), 0, 0
        self.rows_to_write: list[dict[str, Any]] = []
        self.engine = DuckDbEngine(FolderStore(folder), lambda: None)

    def receive(self, batch: Batch, tenant: str = "default") -> str:
        """Take a file in with the next run; return its id."""
        self.files += 1
        content = batch if isinstance(batch, bytes) else ndjson(batch)
        with TemporaryFile() as file:
            file.write(content)
            records = [found.record for found in FileReader(file).records()]
        self.rows_to_write += [
            _bronze_row(record, tenant, self.files) for record in records if not record.rule_id
        ]
        return f"file-{self.files}"

    def write_bronze(self) -> RunContext:
        """Write what was received as the next run's; return the run."""
        self.runs += 1
        run_id, names = f"run-{self.runs}", bronze.RESOURCE.column_names
        rows = [[{**r, "run_id": run_id}.get(name) for name in names] for r in self.rows_to_write]
        if rows:
            given = self.engine.from_rows(bronze.RESOURCE.columns, rows)
            changes = Changes(bronze.RESOURCE, given, Operation.INSERT)
            self.engine.commit(changes, CommitNote(run_id, "bronze"))
        self.rows_to_write = []
        day, pending = date(2024, 6, 1), {run_id: None}
        return RunContext(run_id, self.lake, STARTED, day, LocalRawFiles(), pending_runs=pending)

    def run(self) -> stage.SilverCounts:
        """Take what was received through silver."""
        return stage.run(self.engine, self.write_bronze())

    def load(self, *batches: Batch) -> stage.SilverCounts:
        """Receive and run each batch in turn."""
        for batch in batches:
            self.receive(batch)
            counts = self.run()
        return counts

    def rows(self, table: str, *columns: str, tenant: str | None = None) -> list[tuple[Any, ...]]:
        """Return a table's rows, sorted; with a tenant its rows only."""
        items = ", ".join(columns)
        where = "where tenant = :tenant" if tenant else ""
        found = self.engine.sql(
            f"select {items} from stored {where}",
            {"tenant": tenant} if tenant else {},
            stored=self.engine.read(BY_NAME[table]),
        )
        return sorted((tuple(row.values()) for row in self.engine.rows(found)), key=str)


def _bronze_row(record: FhirRecord, tenant: str, number: int) -> dict[str, Any]:
    updated = record.updated_at
    return {
        "tenant": tenant,
        "resource_type": record.record_type,
        "resource_id": record.record_id,
        "last_updated": updated.replace(tzinfo=None) if updated else None,
        "deleted": record.deleted,
        "raw": record.raw.decode(),
        "raw_sha256": record.sha256,
        "source_file": f"{number}.ndjson",
        "source_line": record.line,
        "ingested_at": STARTED.replace(tzinfo=None),
        "full_url": record.full_url,
        "file_id": f"file-{number}",
        "ingest_sequence": (number << 32) + record.line,
        "indirect": refers_indirectly(record.raw),
        "bundle": record.bundle,
        "record_key": f"{tenant}|file-{number}|{record.line}|{record.entry}",
        "ordering": (number << 32) + record.line,
    }
