"""Planned admissions: by the algorithm's tables, by the proxy, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from metriccare.errors import UsageError
from metriccare.marts.measures.compute import record_of
from metriccare.marts.stays.history import Coding, Procedure
from metriccare.marts.stays.planned import load_planned_tables
from tests.marts.measures.people import SNOMED, codes, elective, encounter, person

PCS = "http://www.cms.gov/Medicare/Coding/ICD10"


def planned(*procedures: Coding, why: str | None = "J44.1", tables=None, **more):  # type: ignore[no-untyped-def]
    done = tuple(Procedure(c.code or "", (c,), "e1") for c in procedures)
    history = person(encounter("e1", "2024-01-01", "2024-01-05", why=why, **more), procedures=done)
    (stay,) = record_of(history, codes(), tables).stays
    return stay.planned, stay.planned_method


@pytest.mark.parametrize(
    ("why", "expected"),
    [("M17.11", True), ("I25.10", True), ("J18.9", False), ("K80.00", False), ("K80.20", True)],
)
def test_an_elective_admission_is_planned_unless_the_diagnosis_is_acute(
    why: str, expected: bool
) -> None:
    assert planned(why=why, priorities=elective()) == (expected, "proxy")


def test_admission_type_3_is_elective_wherever_the_feed_puts_it() -> None:
    three = (Coding("https://www.nubc.org/CodeSystem/PriorityTypeOfAdmitOrVisit", "3"),)
    assert planned(priorities=three) == (True, "proxy")
    assert planned(types=three) == (True, "proxy")


@pytest.mark.parametrize("why", ["Z51.11", "Z51.12", "Z51.89", "O80", "O82", "Z38.00"])
def test_chemotherapy_rehabilitation_and_delivery_are_always_planned(why: str) -> None:
    assert planned(why=why) == (True, "proxy")


def test_a_transplant_is_always_planned() -> None:
    assert planned(Coding(SNOMED, "70536003"), why="N17.9") == (True, "proxy")
    assert planned(Coding(PCS, "0TY00Z0"), why="N17.9") == (True, "proxy")


def test_without_priority_and_diagnosis_planning_is_unknown() -> None:
    assert planned(why=None) == (False, "none")
    assert planned(why="J44.1") == (False, "proxy")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "icd10cm_ccs.csv").write_text("code,ccs\nZ51.11,45\nM17.11,203\nJ18.9,122\n")
    (tmp_path / "icd10pcs_ccs.csv").write_text("code,ccs\n0SRC0J9,152\n02YA0Z0,176\n")
    (tmp_path / "planned_lists.csv").write_text(
        "list,code\nalways_procedure,CCS:176\nalways_diagnosis,CCS:45\n"
        "potential_procedure,CCS:152\nacute_diagnosis,CCS:122\n"
    )
    return tmp_path


@pytest.mark.parametrize(
    ("procedure", "why", "expected"),
    [
        ("0SRC0J9", "M17.11", True),
        ("0SRC0J9", "J18.9", False),
        ("02YA0Z0", "J18.9", True),
        (None, "Z51.11", True),
        (None, "M17.11", False),
    ],
)
def test_the_algorithm_decides_where_its_tables_are_given(
    folder: Path, procedure: str | None, why: str, expected: bool
) -> None:
    tables = load_planned_tables(folder)
    done = (Coding(PCS, procedure),) if procedure else ()
    # Elective or not: with the tables, priority is not asked.
    found = planned(*done, why=why, tables=tables, priorities=elective())
    assert found == (expected, "pra")


def test_a_missing_or_odd_table_is_named(folder: Path) -> None:
    (folder / "planned_lists.csv").write_text("list,code\nmaybe,1\n")
    with pytest.raises(UsageError, match="Unknown list 'maybe'"):
        load_planned_tables(folder)
    (folder / "icd10pcs_ccs.csv").unlink()
    with pytest.raises(UsageError):
        load_planned_tables(folder)
