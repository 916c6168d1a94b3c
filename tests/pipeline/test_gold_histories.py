"""What is gathered of a person: everything a measure may ask for, and of big tables no more."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from metriccare.marts.claims.names import Names
from metriccare.marts.measures.histories import histories
from metriccare.marts.measures.rulebook import load_rulebook
from metriccare.marts.persons import Scope, replaced_records
from metriccare.settings import MeasureFiles
from metriccare.tables import Column
from metriccare.tables.declaration import TENANT
from tests.pipeline.gold_lake import ICD, GoldLake, coding, patient, stay

LOINC = "http://loinc.org"
RULES = load_rulebook(MeasureFiles())
BATCH = [
    patient("p1"),
    patient("p2", into="p1"),
    patient("p3"),
    patient("p4"),
    stay("e1", "p2", "2024-01-05", "2024-01-09"),
    stay("e2", "p1", "2024-01-04", "2024-01-05", class_code="EMER"),
    stay("e3", "p1", "2024-02-04", "2024-02-05", class_code="AMB"),
    stay("e4", "p3", "2024-02-04", "2024-02-05"),
    stay("e5", "p4", "2024-02-04", "2024-02-05", class_code="AMB"),
    stay("e6", "p4", "2024-03-04", "2024-03-05", deleted=True),
]


def claim(id_: str, patient_id: str, *encounters: str, **more: Any) -> tuple[str, dict]:
    return "Claim", {
        "id": id_,
        "patient_id": patient_id,
        "encounters": [{"encounter_id": e, "encounter_reference": None} for e in encounters],
        "diagnoses": [diagnosis("Z00", 1), diagnosis("Z01", 2), diagnosis("T80.211A", 3)],
        "billable_start_lower": datetime(2024, 1, 10, tzinfo=UTC),
        "billable_end_upper": datetime(2024, 1, 10, tzinfo=UTC),
        **more,
    }


def diagnosis(code: str, sequence: int) -> dict[str, Any]:
    empty = dict.fromkeys(("condition_id", "condition_reference", "on_admission"))
    return {**empty, "sequence": sequence, "codings": [coding(ICD, code)], "type_codes": []}


def observation(id_: str, code: str, **more: Any) -> tuple[str, dict]:
    return "Observation", {
        "id": id_,
        "patient_id": "p1",
        "status": "final",
        "code_codings": [coding(LOINC, code)],
        "effective": "2024-01-06",
        **more,
    }


def gathered(lake: GoldLake, kind: str, *persons: str) -> dict[str, list[dict]]:
    """Return the entries of a kind by person, of all or of some persons."""
    engine, scope = lake.engine, None
    if persons:
        columns = [TENANT, Column("person_id", "string", "")]
        rows = engine.from_rows(columns, [["default", each] for each in persons])
        scope = Scope(rows, len(persons), replaced_records(engine))
    people = engine.rows(histories(engine, RULES, Names(engine), scope))
    return {row["person_id"]: row[kind] or [] for row in people}


@pytest.fixture
def lake(tmp_path: Path) -> GoldLake:
    return GoldLake(tmp_path / "lake")


def ids(entries: list[dict]) -> set[str]:
    return {entry["id"] for entry in entries}


def test_only_inpatients_are_gathered_with_every_record_of_theirs(lake: GoldLake):
    lake.write(BATCH)
    encounters = gathered(lake, "encounters")
    assert {person: ids(rows) for person, rows in encounters.items()} == {
        "p1": {"e1", "e2"},
        "p3": {"e4"},
    }
    assert ids(gathered(lake, "patients")["p1"]) == {"p1", "p2"}
    assert gathered(lake, "patients", "p3", "p4").keys() == {"p3"}
    assert ids(gathered(lake, "encounters", "p1")["p1"]) == {"e1", "e2"}


def test_claims_are_of_the_stays_they_name_or_of_the_days_they_bill(lake: GoldLake):
    lake.write(
        [
            *BATCH,
            claim("named", "p1", "e1", "e4"),
            claim("of no stay", "p1", "e3"),
            claim("dated", "p1", provider_id=None),
            claim("later", "p1", billable_start_lower=datetime(2024, 1, 12, tzinfo=UTC)),
            claim("undated", "p1", billable_start_lower=None),
            claim("no list", "p1", encounters=None),
            claim("cancelled", "p1", "e1", status="cancelled"),
            claim("asked for", "p1", "e1", use="preauthorization"),
            claim("without diagnoses", "p1", "e1", diagnoses=[]),
            claim("of an outpatient", "p4"),
        ]
    )
    claims = {each["id"]: each for each in gathered(lake, "claims")["p1"]}
    assert claims.keys() == {"named", "dated", "no list"}
    named = claims["named"]
    assert named["encounter_ids"] == ["e1", "e4"]
    # The principal diagnosis and what may name an infection.
    assert [each["sequence"] for each in named["diagnoses"]] == [1, 3]
    assert not named["has_indicator"]


def test_results_are_of_watched_tests_when_the_specimen_was_collected(lake: GoldLake):
    code = RULES.codes["lab_tests"].entries[0].code
    lake.write(
        [
            *BATCH,
            ("Specimen", {"id": "s1", "collected": "2024-01-05"}),
            ("Specimen", {"id": "s2", "collected": "2024-01-05", "deleted": True}),
            observation("o1", code, specimen_id="s1"),
            observation("o2", code, specimen_id="s2", status=None),
            observation("o3", "other"),
            observation("o4", code, status="preliminary"),
            observation("o5", code, code_codings=None),
        ]
    )
    results = gathered(lake, "results")["p1"]
    assert {each["id"]: each["collected"] for each in results} == {
        "o1": "2024-01-05",
        "o2": "2024-01-06",
    }


def test_procedures_are_those_a_code_set_may_name(lake: GoldLake):
    entry = next(e for e in RULES.codes["procedures"].entries if e.code.isalnum())
    lake.write(
        [
            *BATCH,
            ("Procedure", {"id": "r1", "patient_id": "p1", "code_codings": [coding("x", "zzz")]}),
            (
                "Procedure",
                {"id": "r2", "patient_id": "p1", "code_codings": [coding("x", entry.code)]},
            ),
            ("Procedure", {"id": "r3", "patient_id": "p1", "code_codings": None}),
        ]
    )
    assert ids(gathered(lake, "procedures")["p1"]) == {"r2"}
