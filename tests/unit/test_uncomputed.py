"""What is kept of a person on whom the rules fail: key, error, place in our code, never content."""

from __future__ import annotations

import copy
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from metriccare.jobs import gold
from metriccare.jobs.uncomputed import has_outcome, record_batch
from metriccare.measures.facility import Facilities
from metriccare.measures.rulebook import Rulebook
from tests.measures.people import ICD, NUBC, SNOMED, codes
from tests.measures.test_fuzz import coding, person

SECRET = "Jane Doe, 12 Elm Street"


def computed(row: dict[str, Any]) -> dict[str, Any]:
    return gold._person_row(row, date(2024, 6, 1), lambda _: Facilities(), Rulebook(codes()))


def test_a_person_the_rules_fail_on_has_a_failure_and_no_rows_and_nothing_of_a_record():
    row = person()
    row["encounters"][0]["last_updated"] = SECRET  # what silver never gives: a text for a number
    found = computed(row)
    assert found.keys() == {"tenant", "person_id", "error", "place", "has_outcome"}
    assert found["error"] == "TypeError"
    assert found["place"].startswith("measures/moment.py:")
    assert SECRET not in str(found)


def test_a_person_that_is_computed_has_rows_and_no_failure():
    assert "error" not in computed(person())


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
def test_whatever_may_be_a_death_or_an_infection_is_one(name):
    row = copy.deepcopy(plain_person())
    path, value = OUTCOMES[name]
    place: Any = row
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert has_outcome(row, codes())


def test_a_row_that_does_not_fit_its_table_is_a_failure_of_its_own():
    texts = ("tenant", "person_id", "error", "place")
    fields = [(name, pa.string()) for name in texts]
    schema = pa.schema([*fields, ("days", pa.int32()), ("has_outcome", pa.bool_())])
    rows = [
        {"tenant": "north", "person_id": f"p{n}", "days": days} for n, days in enumerate((1, 2**40))
    ]
    good, bad = record_batch(rows, schema).to_pylist()
    assert (good["days"], good["error"]) == (1, None)
    assert (bad["days"], bad["person_id"], bad["has_outcome"]) == (None, "p1", True)
    assert bad["error"]
    assert bad["place"].startswith("jobs/uncomputed.py:")
