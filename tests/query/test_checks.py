"""The health checks name what is wrong; each test plants one fault in the inner layers."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from metriccare.query.views import checks
from metriccare.settings import Lake
from metriccare.wiring.queries import open_engine
from tests.query.written_lake import write_rows

pytestmark = pytest.mark.usefixtures("engine_kind")
Row = dict[str, object]


def _result(**changed: object) -> Row:
    return {
        "tenant": "t",
        "measure_id": "readmission_30d",
        "grain": "all",
        "period_end": date(2025, 1, 1),
        "stratum_type": "overall",
        "stratum_value": "all",
        "numerator": 3,
        "denominator": 10,
        "excluded": 2,
        "as_of": date(2024, 12, 31),
        **changed,
    }


def _hospital(value: str, numerator: int, denominator: int) -> Row:
    return _result(
        stratum_type="hospital",
        stratum_value=value,
        numerator=numerator,
        denominator=denominator,
        excluded=1,
    )


def _evidence(count: int) -> list[Row]:
    return [
        {"tenant": "t", "measure_id": "readmission_30d", "stay_id": f"s{n}"} for n in range(count)
    ]


def _found(lake: Lake, check: str) -> tuple[tuple[object, ...], ...]:
    return open_engine(lake).query(checks()[check].text).rows


def test_results_that_add_up_are_healthy(lake: Lake) -> None:
    results = [_result(), _hospital("h1", 1, 4), _hospital("h2", 2, 6)]
    write_rows(lake, "gold.measure_result", results)
    write_rows(lake, "gold.measure_stay", _evidence(12))
    assert _found(lake, "check_measure_totals") == ()
    assert _found(lake, "check_conservation") == ()


def test_a_stratum_that_lost_a_stay_is_named(lake: Lake) -> None:
    results = [_result(), _hospital("h1", 1, 4), _hospital("h2", 2, 5)]
    write_rows(lake, "gold.measure_result", results)
    end = date(2025, 1, 1)
    assert _found(lake, "check_measure_totals") == (
        ("t", "readmission_30d", "all", end, "hospital", 3, 3, 10, 9),
    )


def test_unexplained_candidates_and_lost_resources_are_named(lake: Lake) -> None:
    write_rows(lake, "gold.measure_result", [_result()])
    write_rows(lake, "gold.measure_stay", _evidence(13))
    write_rows(lake, "bronze.resource", [_received("p1"), _received("p2"), _received("p3")])
    write_rows(lake, "silver.patient", [{"tenant": "t", "id": "p1"}])
    rejected = {"tenant": "t", "resource_type": "Patient", "resource_id": "p2", "rule_id": "r"}
    write_rows(lake, "bronze.quarantine", [rejected])
    assert sorted(_found(lake, "check_conservation")) == [
        ("t", "Patient", 3, 2),
        ("t", "readmission_30d", 13, 12),
    ]


def test_a_key_that_occurs_twice_is_counted(lake: Lake) -> None:
    same = {"tenant": "t", "hospital_id": "h", "department": "d", "month": date(2024, 1, 1)}
    twice = [{**same, "record_key": "a"}, {**same, "record_key": "b"}]
    write_rows(lake, "gold.patient_day", twice)
    assert _found(lake, "check_unique_keys") == (("t", "gold.patient_day", 1),)


def test_what_arrived_after_the_publication_is_named(lake: Lake) -> None:
    write_rows(lake, "bronze.resource", [_received("p1")])
    published = datetime(2024, 12, 31, 11, 0)  # noqa: DTZ001
    fresh = {"tenant": "t", "resource_type": "Patient", "published_at": published}
    write_rows(lake, "publish.freshness", [fresh])
    ((tenant, subject, problem, *_),) = _found(lake, "check_freshness")
    assert (tenant, subject, problem) == ("t", "Patient", "received and not published")


def _received(resource_id: str) -> Row:
    return {
        "tenant": "t",
        "resource_type": "Patient",
        "resource_id": resource_id,
        "file_id": "f",
        "source_line": int(resource_id[1:]),
        "ingested_at": datetime(2024, 12, 31, 12, 0),  # noqa: DTZ001
    }
