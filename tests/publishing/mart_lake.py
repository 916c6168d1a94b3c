"""Published tables of two tenants, written by the native engine, and the marts made from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from metriccare.access.rights import RIGHTS
from metriccare.access.scope import Scope, operator_scope
from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.protocol import Changes, Operation
from metriccare.local.folder_store import FolderStore
from metriccare.object_store import ObjectStore
from metriccare.publishing.publish_marts import publish_marts
from metriccare.publishing.published_run import PublishedRun
from metriccare.publishing.tenant_marts import Written
from metriccare.query.datasets.declaration import Dataset
from metriccare.query.datasets.registry import dataset, datasets
from metriccare.query.published.engine import PublishedEngine
from metriccare.query.published.file_list import PointerFiles
from metriccare.query.published.publication import FIGURES
from metriccare.query.published.store import PublishedStore
from metriccare.tables import BY_NAME
from metriccare.tables.commit_note import CommitNote

AS_OF = date(2024, 12, 31)
NOW = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


class MartLake:
    """A lake's published tables and marts in a folder."""

    def __init__(self, folder: Path, objects: ObjectStore | None = None) -> None:
        self.folder, self.objects = folder, objects or FolderStore(folder)
        self.number = 0

    def write(self, full_name: str, *rows: Mapping[str, Any]) -> None:
        """Upsert rows into a published table."""
        self._commit(full_name, rows, Operation.UPSERT)

    def remove(self, full_name: str, *rows: Mapping[str, Any]) -> None:
        """Remove rows of a published table."""
        self._commit(full_name, rows, Operation.DELETE)

    def _commit(
        self, full_name: str, rows: Sequence[Mapping[str, Any]], operation: Operation
    ) -> None:
        self.number += 1
        table = BY_NAME[full_name]
        whole = [
            {
                **dict.fromkeys(table.column_names),
                **row,
                "record_key": "|".join(str(row.get(name)) for name in table.key),
                "ordering": self.number,
                "run_id": f"run-{self.number}",
            }
            for row in rows
        ]
        values = [[row[name] for name in table.column_names] for row in whole]
        with self.engine() as engine:
            changes = Changes(table, engine.from_rows(table.columns, values), operation)
            engine.commit(changes, CommitNote(f"write-{self.number}", "write"))

    @contextmanager
    def engine(self) -> Iterator[DuckDbEngine]:
        with DuckDbEngine(FolderStore(self.folder), lambda: None) as engine:
            yield engine

    def publish(self, run: str = "run-1", **options: Any) -> list[Written]:
        """Publish every tenant as one run."""
        published = PublishedRun(run, AS_OF, NOW)
        run_of = options.pop("run_of", lambda tenant: published)
        with self.engine() as engine:
            return publish_marts(engine, self.objects, run_of, **options)

    def files(self) -> PointerFiles:
        return PointerFiles(self.objects)

    def store(self, **options: Any) -> PublishedStore:
        return PublishedStore(self.files(), marts_of_datasets(), **options)

    def reader(self) -> PublishedEngine:
        return PublishedEngine(self.store())

    def paths(self) -> dict[str, bytes]:
        """Return path -> content of every object below the marts."""
        marts = self.folder / "marts"
        return {
            str(path.relative_to(marts)): path.read_bytes()
            for path in sorted(marts.rglob("*"))
            if path.is_file()
        }


def marts_of_datasets() -> tuple[str, ...]:
    return tuple(sorted({each.mart for each in datasets() if each.pointer == FIGURES}))


def of(name: str) -> Dataset:
    found = dataset(name)
    assert found is not None
    return found


def scope(tenant: str = "a", **changes: Any) -> Scope:
    return replace(operator_scope(tenant, RIGHTS), **changes)


def measure(tenant: str = "a", **changes: Any) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "measure_id": "readmission_30d",
        "grain": "year",
        "period_start": date(2024, 1, 1),
        "period_end": date(2025, 1, 1),
        "stratum_type": "overall",
        "stratum_value": "all",
        "stratum_label": "All",
        "numerator": 40,
        "denominator": 300,
        "value": 40 / 300,
        "suppressed": False,
        "as_of": AS_OF,
    } | changes


def hidden(tenant: str = "a", **changes: Any) -> dict[str, Any]:
    return measure(tenant, numerator=None, denominator=None, value=None, suppressed=True, **changes)


def hospital(name: str, tenant: str = "a", **changes: Any) -> dict[str, Any]:
    stratum = {"stratum_type": "hospital", "stratum_value": name, "stratum_label": name}
    return measure(tenant, **stratum | changes)


def code(tenant: str = "a", **changes: Any) -> dict[str, Any]:
    return {
        "tenant": tenant,
        "code_system": "http://snomed.info/sct",
        "code": "68566005",
        "display": "Urinary tract infectious disease",
        "infection_type": "cauti",
        "events": 62,
        "suppressed": False,
        "as_of": AS_OF,
    } | changes
