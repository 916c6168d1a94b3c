"""What is stored of a person whose computation fails: key, error, line of code, never content."""

from __future__ import annotations

import copy
import pickle
from datetime import date
from typing import Any

import pytest

from metriccare.marts.measures.mart import PERSON_TABLES
from metriccare.marts.measures.person_rule import MeasuresRule, has_outcome
from metriccare.marts.measures.rulebook import Rulebook
from metriccare.marts.stays.facility import Facilities
from metriccare.pipeline.gold.guarded_rule import FAILED, GuardedRule, outputs_of
from metriccare.settings import Settings
from tests.marts.measures.people import ICD, NUBC, SNOMED, codes
from tests.marts.measures.test_fuzz import coding, person

SECRET = "Jane Doe, 12 Elm Street"
OUTPUTS = outputs_of(PERSON_TABLES)
RULES = GuardedRule(
    MeasuresRule(Rulebook(codes()), Settings(), {"t": Facilities()}, date(2024, 6, 1), {}), OUTPUTS
)


def test_a_person_the_rules_fail_on_has_a_failure_and_no_rows_and_nothing_of_a_record():
    row = person()
    row["encounters"][0]["last_updated"] = SECRET  # what silver never gives: a text for a number
    made = RULES(row)
    (failure,) = made[FAILED]
    assert made.keys() == {FAILED}
    assert failure.keys() == {column.name for column in OUTPUTS[FAILED]}
    assert failure["error"] == "TypeError"
    assert failure["place"].startswith("marts/stays/partial_date.py:")
    assert SECRET not in str(failure)


def test_a_person_that_is_computed_has_rows_of_every_table_and_no_failure():
    made = pickle.loads(pickle.dumps(RULES))(person())
    assert made.keys() == OUTPUTS.keys() - {FAILED}
    assert {row["tenant"] for rows in made.values() for row in rows} == {person()["tenant"]}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("los_days", 2**31),
        ("los_days", "3"),
        ("stay_id", 3),
        ("admit_date", "2024-01-01"),
        ("encounter_ids", ["e1", 3]),
    ],
)
def test_a_row_that_does_not_fit_its_table_is_a_failure_of_its_person(column: str, value: object):
    (row,) = RULES(person())["stay"][:1]
    RULES.check_fit("stay", [row])
    with pytest.raises(TypeError, match=f"gold.stay.{column}"):
        RULES.check_fit("stay", [{**row, column: value}])


def plain_person() -> dict[str, Any]:
    """Return a person without a death and an infection."""
    row = person()
    for patient in row["patients"]:
        patient |= {"deceased": False, "deceased_date": None}
    row |= {"conditions": [], "claims": [], "results": []}
    return row


OUTCOMES = {
    "deceased": (("patients", 1, "deceased"), True),
    "a date of death": (("patients", 0, "deceased_date"), "2024"),
    "left as dead": (("encounters", 1, "discharge_disposition_codings"), [coding(NUBC, "20")]),
    "an infection": (("conditions",), [{"code_codings": [coding(ICD, "A04.72")]}]),
    "a claimed one": (("claims",), [{"diagnoses": [{"codings": [coding(ICD, "A04.72")]}]}]),
    "a laboratory result": (("results",), [{"id": "o1"}]),
    "what cannot be read": (("conditions",), [None]),
}


def test_a_person_without_death_and_infection_has_no_outcome():
    row = plain_person()
    row["conditions"] = [{"code_codings": [coding(ICD, "J44.1"), coding(SNOMED, "1")]}]
    assert not has_outcome(row, codes())


@pytest.mark.parametrize("name", OUTCOMES)
def test_whatever_may_be_a_death_or_an_infection_is_one(name: str):
    row = copy.deepcopy(plain_person())
    path, value = OUTCOMES[name]
    place: Any = row
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert has_outcome(row, codes())
