"""Silver rows of a few persons, and gold computed from them, run after run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.protocol import Changes, Operation
from metriccare.incremental.context import RunContext
from metriccare.local.folder_store import FolderStore, LocalRawFiles
from metriccare.pipeline.gold import stage
from metriccare.pipeline.gold.outcome import Published, no_gates
from metriccare.settings import Lake, Settings, TenantSettings
from metriccare.tables import BY_NAME
from metriccare.tables import silver as silver_tables
from metriccare.tables.commit_note import CommitNote

NUBC = "https://www.nubc.org/CodeSystem/PatDischargeStatus"
ICD = "http://hl7.org/fhir/sid/icd-10-cm"
AS_OF = date(2024, 6, 1)
NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
STAMPS = frozenset({"run_id", "ordering", "record_key", "published_at"})
PERSON_TABLES = ("stay", "episode", "measure_stay", "infection_event", "stay_day")
TABLES = (
    *(f"gold.{name}" for name in (*PERSON_TABLES, "patient_day", "measure_result")),
    "publish.measure",
)
# Resource type and row.
Resource = tuple[str, Mapping[str, Any]]


class Killed(BaseException):
    """The process ended here."""


class GoldLake:
    """A lake with silver rows written by the test; each batch belongs to the run after it."""

    def __init__(self, folder: Path, settings: Settings | None = None, number: int = 0) -> None:
        self.lake = Lake(str(folder))
        self.settings = settings or Settings(
            tenants={name: TenantSettings() for name in ("default", "north")}
        )
        self.die_at: int | None = None
        self.is_gold = False
        self.engine = self._engine()
        self.number = number
        self.pending: dict[str, frozenset[str] | None] = {}

    def _engine(self) -> DuckDbEngine:
        return DuckDbEngine(FolderStore(self.lake.folder), self._check_lease)

    def _check_lease(self) -> None:
        if self.die_at is not None and self.is_gold:
            self.die_at -= 1
            if not self.die_at:
                raise Killed

    def run(
        self, *batches: Sequence[Resource], as_of: date = AS_OF, gates: Callable = no_gates
    ) -> Published:
        """Write batches into silver, then bring gold up to date; after a kill they are pending."""
        run_id = self.write(*batches)
        context = RunContext(
            run_id,
            self.lake,
            NOW,
            as_of,
            LocalRawFiles(),
            self.settings,
            pending_runs=dict(self.pending),
        )
        self.is_gold = True
        published = stage.run(self.engine, context, gates)
        self.is_gold = False
        refused = published.tenants
        self.pending = dict.fromkeys(self.pending, refused) if refused else {}
        return published

    def write(self, *batches: Sequence[Resource]) -> str:
        """Write batches into silver; return the id of the run that wrote them."""
        self.number += 1
        run_id = f"run-{self.number:06}-20240601T000000Z"
        self.pending[run_id] = None
        for number, batch in enumerate(batches):
            self._write(run_id, number, batch)
        return run_id

    def _write(self, run_id: str, number: int, batch: Sequence[Resource]) -> None:
        for name in dict.fromkeys(name for name, _ in batch):
            table = silver_tables.BY_RESOURCE.get(name) or BY_NAME[f"silver.{name}"]
            rows = [{**_DEFAULTS, "run_id": run_id, **row} for n, row in batch if n == name]
            for row in rows:
                key = "|".join(str(row.get(part)) for part in table.key)
                row |= {"record_key": key, "ordering": self.number * 100 + number}
            values = [[row.get(column) for column in table.column_names] for row in rows]
            changes = Changes(table, self.engine.from_rows(table.columns, values), Operation.UPSERT)
            self.engine.commit(changes, CommitNote(run_id, f"silver {number} {table.name}"))

    def revived(self) -> None:
        """Continue in a new process."""
        self.die_at, self.is_gold = None, False
        self.engine = self._engine()

    def rows(self, table: str, *names: str) -> list[tuple]:
        """Return columns of a table's rows, sorted."""
        rows = self.engine.rows(self.engine.read(BY_NAME[table]))
        return sorted((tuple(row[name] for name in names) for row in rows), key=str)

    def content(self, table: str, tenant: str | None = None, *, stamped: bool = False) -> list[str]:
        """Return a table's rows as text, without what a run stamps on them."""
        names = [n for n in BY_NAME[table].column_names if stamped or n not in STAMPS]
        rows = self.rows(table, "tenant", *names)
        return [str(row) for row in rows if tenant is None or row[0] == tenant]

    def commits(self) -> dict[str, int]:
        """Return how many commits the tables of gold and publication have."""
        return {
            name: len(self.engine.commits(table))
            for name, table in BY_NAME.items()
            if table.layer in ("gold", "publish")
        }

    def counts(self, measure: str, stratum: str = "overall", value: str = "all") -> tuple:
        """Return numerator, denominator and exclusions of a measure of all time."""
        names = ("measure_id", "grain", "stratum_type", "stratum_value")
        rows = self.rows("gold.measure_result", *names, "numerator", "denominator", "excluded")
        return next(row[4:] for row in rows if row[:4] == (measure, "all", stratum, value))


_DEFAULTS = {"tenant": "default", "deleted": False, "source_file": "a.ndjson", "source_line": 1}


def coding(system: str, code: str) -> dict[str, Any]:
    return {"system": system, "code": code, "display": None}


def organization(id_: str = "H1", **more: Any) -> Resource:
    return "Organization", {"id": id_, "name": f"Hospital {id_}", **more}


def patient(id_: str, into: str | None = None, **more: Any) -> Resource:
    link = {"type": "replaced-by", "patient_id": into, "patient_reference": f"Patient/{into}"}
    return "Patient", {
        "id": id_,
        "birth_date": "1950-03-01",
        "deceased": False,
        "links": [link] if into else [],
        **more,
    }


def stay(
    id_: str, patient_id: str, start: str, end: str | None, to: str = "01", **more: Any
) -> Resource:
    return "Encounter", {
        "id": id_,
        "patient_id": patient_id,
        "status": "finished" if end else "in-progress",
        "class_code": "IMP",
        "period_start": start,
        "period_start_lower": _instant(start),
        "period_end": end,
        "period_end_upper": _instant(end),
        "service_provider_id": more.pop("at", "H1"),
        "discharge_disposition_codings": [coding(NUBC, to)],
        "last_updated": datetime(2024, 3, 1, tzinfo=UTC),
        **more,
    }


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text[:10]).replace(tzinfo=UTC) if text else None


def infection(
    id_: str, patient_id: str, in_: str, onset: str, code: str = "T83.511A", **more: Any
) -> Resource:
    return "Condition", {
        "id": id_,
        "patient_id": patient_id,
        "encounter_id": in_,
        "onset": onset,
        "code_codings": [coding(ICD, code)],
        **more,
    }


def released(patient_id: str) -> Resource:
    """Return the note of silver that a corrected row no longer names a patient."""
    return "released_patient", {"patient_id": patient_id}
