"""Every row rule has a row that trips it, and good rows trip none."""

from __future__ import annotations

from datetime import datetime

import orjson
import pytest

from metriccare.fhir.resources import BY_TYPE
from metriccare.quality.rules import REJECT, RULES
from tests.pipeline.rule_cases import ARRIVED, GOOD, NO_DAY, TRIPPING

pytestmark = pytest.mark.spark

NAMES = [(rule.id, rule.resource_type) for rule in RULES]


@pytest.fixture(scope="module")
def judged(spark) -> dict[str, tuple[str | None, str | None, list[str]]]:
    """Return rule, reason and flags of every row, by its text."""
    from metriccare.jobs.silver import with_judgement
    from metriccare.spark.resource_frame import parse, with_columns

    found = {}
    rows = [*TRIPPING.values(), *GOOD]
    for kind in {row["resourceType"] for row in rows}:
        resource = BY_TYPE[kind]
        frame = parse(
            received(spark, [row for row in rows if row["resourceType"] == kind]), resource
        )
        columns = with_columns(frame, resource)
        for row in with_judgement(columns, resource).collect():
            found[row.raw_sha256] = (row.rule_id, row.reason, row.dq_flags)
    return found


def received(spark, rows: list[dict]):
    """Return resources as rows of bronze; the text stands for its hash."""
    bronze = [
        (
            *("default", row["resourceType"], row["id"], updated(row), False, text(row), text(row)),
            *("day.ndjson", 1, None, "file", 1, ARRIVED, False, None, text(row)),
        )
        for row in rows
    ]
    return spark.createDataFrame(
        bronze,
        "tenant string, resource_type string, resource_id string, last_updated timestamp,"
        " deleted boolean, raw string, raw_sha256 string, source_file string, source_line bigint,"
        " full_url string, file_id string, ingest_sequence bigint, ingested_at timestamp,"
        " indirect boolean, bundle string, record_key string",
    )


def updated(row: dict) -> datetime | None:
    return ARRIVED if "meta" in row else None


def text(row: dict) -> str:
    return orjson.dumps(row).decode()


@pytest.mark.parametrize("name", NAMES, ids=str)
def test_every_rule_has_a_row_that_trips_it(judged, name):
    rule = next(r for r in RULES if (r.id, r.resource_type) == name)
    rule_id, reason, flags = judged[text(TRIPPING[name])]
    if rule.severity == REJECT:
        assert rule_id == rule.id
        assert reason.startswith(rule.sentence)
    else:
        assert (rule_id, rule.id in flags) == (None, True)


def test_no_row_is_kept_for_a_rule_that_is_gone():
    assert TRIPPING.keys() == set(NAMES)


def test_good_rows_trip_nothing(judged):
    for row in GOOD:
        rule_id, _, flags = judged[text(row)]
        assert (rule_id, flags) == (None, [])


def test_a_reason_names_the_dates_and_shows_none_of_them(judged):
    _, reason, _ = judged[text(TRIPPING[("date_invalid", "Patient")])]
    assert reason.endswith("Found in: deceased_date.")
    assert NO_DAY not in reason
