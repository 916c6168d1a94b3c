"""What is kept of a person on whom the rules fail: key, error, place in our code, never content."""

from __future__ import annotations

from datetime import date
from typing import Any

import pyarrow as pa

from metriccare.jobs import gold
from metriccare.jobs.uncomputed import record_batch
from metriccare.measures.facility import Facilities
from metriccare.measures.rulebook import Rulebook
from tests.measures.people import codes
from tests.measures.test_fuzz import person

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
