"""One person cannot spoil a tenant's run, and one tenant not the run of the others.

A lake of four tenants, run after run; the tests build on each other. The rules fail on whoever has
a principal diagnosis of ICD-10: a hospital's own code set has a range with three ends.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from metriccare.pipeline import runs
from metriccare.report.status import status_of
from metriccare.settings import GateLimits, Lake, MeasureFiles, Settings
from metriccare.tables import Table
from metriccare.tables import gold as gold_tables
from metriccare.tables import publish as publish_tables
from metriccare.tracking.states import FileState, RunRecord, RunState
from metriccare.upkeep import stages
from metriccare.wiring.queries import open_engine
from tests.loader import Loader, ndjson, patient
from tests.pipeline.broken_codes import BROKEN_CODES
from tests.pipeline.test_gold import ICD, infection, organization, stay

# Runs take minutes on Spark.
pytestmark = pytest.mark.timeout(3600)

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)
AS_OF = date(2024, 6, 1)
STAMPS = frozenset({"run_id", "ordering", "record_key", "published_at", "last_ingested_at"})
# Of one file or several, at once or one after the other: not what a table says.
LINEAGE = frozenset({"source_file", "source_line"})
TABLES = (*gold_tables.TABLES, *publish_tables.TABLES)
WARD = [f"d{n:02}" for n in range(20)]
GONE = WARD[:5]


class Lakeside(Loader):
    """A lake that is run with the gates it has in use."""

    def __init__(self, kind: str, folder: Path, codes: Path) -> None:
        folder.mkdir()
        super().__init__(kind, Lake(str(folder / "lake")), folder)
        self.settings = Settings(
            gates=GateLimits(drop_base=10), measures=MeasureFiles(code_sets=codes)
        )

    def publish(self, accept: str | None = None, **batches: list[dict[str, Any]]) -> RunRecord:
        """Take a batch of each tenant named through to publication."""
        for tenant, batch in batches.items():
            self.receive(ndjson(batch), f"{tenant}-{self.count}.ndjson", tenant)
        settings = replace(self.settings, gates=replace(self.settings.gates, accept=accept))
        run = self.begin(settings, AS_OF)
        with runs.failure_noted(run, lambda: NOW), self.engine(run) as engine:
            run = stages.run_silver(engine, stages.run_bronze(engine, run))
            run = stages.run_gold(engine, run)
            stages.create_missing_tables(engine, run)
        return runs.end(run, NOW).record

    def said(self, tenant: str, *tables: Table) -> dict[str, list[str]]:
        """Return what tables say of a tenant, without what a run stamps."""
        return {
            table.full_name: [str(row) for row in self.content(table, STAMPS | LINEAGE, tenant)]
            for table in tables or TABLES
        }

    def files(self, state: FileState) -> set[str]:
        return {file.tenant for file in self.store.files(state)}

    def not_computed(self) -> list[tuple]:
        return self.rows("gold.person_not_computed", "tenant", "person_id", "error", "place")


def person(id_: str, days: int = 4, *, code: str | None = None, **more: Any) -> list[dict]:
    """Return a person with one stay; with a code, the rules fail on the person."""
    stamps = {"updated": more.pop("updated", "2024-03-01T00:00:00Z")}
    end = f"2024-01-{5 + days:02}"
    if code is None:
        return [patient(id_, **more), stay(f"{id_}-e", id_, "2024-01-05", end, **stamps)]
    condition = infection(f"{id_}-c", id_, f"{id_}-e", "2024-01-05")
    condition["code"] = {"coding": [{"system": ICD, "code": code}]}
    role = {"coding": [{"code": "billing"}]}
    diagnosis = {"condition": {"reference": f"Condition/{id_}-c"}, "use": role, "rank": 1}
    stamps |= {"diagnosis": [diagnosis]}
    return [patient(id_, **more), condition, stay(f"{id_}-e", id_, "2024-01-05", end, **stamps)]


def deletes(*ids: str) -> list[dict]:
    entry = [{"request": {"method": "DELETE", "url": f"Encounter/{id_}-e"}} for id_ in ids]
    return [{"resourceType": "Bundle", "timestamp": "2024-05-01T00:00:00Z", "entry": entry}]


FIRST = {
    "good": [organization(), *person("g1"), *person("g2", 6)],
    "ward": [organization(), *(row for id_ in WARD for row in person(id_))],
    "odd": [organization(), *person("o1"), *person("o2", code="J44.1")],
    "grave": [organization(), *person("x0"), *person("x1", code="J44.1", deceasedBoolean=True)],
}
SECOND = {
    "good": person("g3", 9),
    "ward": deletes(*GONE),
    "odd": [
        *person("o1", 8, code="J44.1", updated="2024-03-02T00:00:00Z"),
        *person("o2", 8, updated="2024-03-02T00:00:00Z"),
    ],
}
LAST = {
    "odd": person("o1", 2, updated="2024-03-03T00:00:00Z"),
    "grave": person("x1", 2, updated="2024-03-03T00:00:00Z"),
}


@pytest.fixture(scope="module")
def new(engine_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Lakeside]:
    codes = tmp_path_factory.mktemp("codes")
    (codes / "planned_diagnoses.json").write_text(json.dumps(BROKEN_CODES))
    folder = tmp_path_factory.mktemp("containment")
    return lambda name: Lakeside(engine_kind, folder / name, codes)


@pytest.fixture(scope="module")
def lakeside(new: Callable[[str], Lakeside]) -> Lakeside:
    return new("lake")


def test_a_person_the_rules_fail_on_is_set_aside_and_a_grave_one_refuses_the_tenant(lakeside):
    record = lakeside.publish(**FIRST)
    assert record.state is RunState.PARTLY_REFUSED
    assert [(one.tenant, one.gate) for one in record.refused] == [("grave", "persons_computed")]
    assert record.persons_not_computed == 2
    assert lakeside.files(FileState.PUBLISHED) == {"good", "ward", "odd"}
    assert lakeside.files(FileState.LOADED) == {"grave"}
    found = lakeside.not_computed()
    assert [one[:3] for one in found] == [
        ("grave", "x1", "ValueError"),
        ("odd", "o2", "ValueError"),
    ]
    assert all(place.startswith("marts/stays/codesets.py:") for *_, place in found)
    of_grave = lakeside.said("grave")
    del of_grave["gold.person_not_computed"]
    assert not any(of_grave.values())
    assert lakeside.rows("gold.stay", "tenant", "stay_id")[-3:] == [
        ("ward", "d17-e"),
        ("ward", "d18-e"),
        ("ward", "d19-e"),
    ]


def test_status_names_the_tenant_and_the_persons(lakeside):
    status = status_of(lakeside.store, open_engine(lakeside.lake), None, NOW)
    (refused,) = status.refused_tenants
    assert (refused["tenant"], refused["gate"]) == ("grave", "persons_computed")
    assert "wanted every person with a death or an infection computed" in refused["sentence"]
    named = [(one["tenant"], one["person_id"], one["error"]) for one in status.persons_not_computed]
    assert named == [("grave", "x1", "ValueError"), ("odd", "o2", "ValueError")]
    counted = lakeside.rows("publish.data_quality", "tenant", "rule_id", "suppressed")
    assert ("odd", "person_not_computed", True) in counted
    assert not [row for row in counted if row[0] == "grave"]


def test_a_tenant_that_loses_a_quarter_keeps_what_it_had_and_the_others_are_published(
    lakeside, new
):
    before = lakeside.said("ward")
    own = [table for table in gold_tables.TABLES if "person_id" in table.column_names]
    of_o1 = [row for row in lakeside.said("odd", *own)["gold.stay"] if "o1" in row]
    record = lakeside.publish(**SECOND)
    refused = {one.tenant: one.gate for one in record.refused}
    assert refused == {"grave": "persons_computed", "ward": "share_dropped"}
    assert "--accept" in (record.message or "")
    assert lakeside.said("ward") == before
    assert lakeside.files(FileState.LOADED) == {"grave", "ward"}
    # Person o1 keeps the stored rows; o2 is computed by now.
    found = lakeside.said("odd", *own)["gold.stay"]
    assert [row for row in found if "o1" in row] == of_o1
    assert [row[:2] for row in lakeside.not_computed()] == [("grave", "x1"), ("odd", "o1")]
    stays = lakeside.rows("gold.stay", "tenant", "person_id", "los_midnights")
    assert [row for row in stays if row[0] == "odd"] == [("odd", "o1", 4), ("odd", "o2", 8)]
    counted = lakeside.rows("gold.measure_result", "tenant", "measure_id", "grain", "stratum_type")
    assert [row for row in counted if row[0] == "odd"]
    alone = new("good alone")
    alone.publish(good=[*FIRST["good"], *SECOND["good"]])
    assert lakeside.said("good") == alone.said("good")


def test_refused_tenants_are_processed_again_without_new_files_and_published_when_accepted(
    lakeside,
):
    refused = lakeside.store.runs(limit=1)[0]
    record = lakeside.publish(accept=refused.run_id)
    assert record.state is RunState.SUCCEEDED, record.message
    assert lakeside.files(FileState.LOADED) == set()
    stays = lakeside.rows("gold.stay", "tenant", "person_id")
    assert len([one for one in stays if one[0] == "ward"]) == len(WARD) - len(GONE)
    assert ("grave", "x0") in stays
    assert ("grave", "x1") not in stays


def test_without_a_person_it_was_published_without_before_a_tenant_is_published_again(lakeside):
    record = lakeside.publish(grave=person("x2"))
    assert record.state is RunState.SUCCEEDED, record.message
    assert [row[:2] for row in lakeside.not_computed()] == [("grave", "x1"), ("odd", "o1")]


def test_once_the_records_are_corrected_the_lake_is_that_of_a_clean_load(lakeside, new):
    record = lakeside.publish(**LAST)
    assert record.state is RunState.SUCCEEDED, record.message
    assert lakeside.not_computed() == []
    clean = new("clean")
    batches = [FIRST, SECOND, {"grave": person("x2")}, LAST]
    assert (
        clean.publish(
            **{
                tenant: [row for batch in batches for row in batch.get(tenant, ())]
                for tenant in FIRST
            }
        ).state
        is RunState.SUCCEEDED
    )
    for tenant in FIRST:
        assert lakeside.said(tenant) == clean.said(tenant), tenant
