"""From counts to results: sums over time, means, infection types, reconciliation."""

from __future__ import annotations

from datetime import date

import pytest

from metriccare.marts.measures import BY_ID
from metriccare.marts.measures.results import (
    Count,
    Result,
    ResultKey,
    percentile,
    results_of,
)
from metriccare.marts.periods import period_end

MARCH, APRIL = date(2024, 3, 1), date(2024, 4, 1)


def count(measure: str, month: date | None, **more: object) -> Count:
    fields = {"numerator": 0, "denominator": 0, "excluded": 0, "amount": None} | more
    return Count(measure, month, "overall", "all", **fields)  # type: ignore[arg-type]


def found(*counts: Count, types: tuple[str, ...] = ()) -> dict[ResultKey, Result]:
    return {r.key: r for r in results_of(counts, BY_ID, types)}


def overall(measure: str, grain: str, start: date | None) -> ResultKey:
    return ResultKey(measure, grain, start, "overall", "all")


def test_months_add_up_to_years_and_all_time() -> None:
    results = found(
        count("readmission_30d", MARCH, numerator=1, denominator=10, excluded=2),
        count("readmission_30d", APRIL, numerator=2, denominator=20, excluded=3),
        count("readmission_30d", None, excluded=1),
    )
    assert {(g.grain, r.numerator, r.denominator, r.excluded) for g, r in results.items()} == {
        ("all", 3, 30, 6),
        ("year", 3, 30, 5),
        ("quarter", 1, 10, 2),
        ("quarter", 2, 20, 3),
        ("month", 1, 10, 2),
        ("month", 2, 20, 3),
    }


@pytest.mark.parametrize(
    ("month", "first", "after"),
    [
        (date(2024, 1, 1), date(2024, 1, 1), date(2024, 4, 1)),
        (date(2024, 3, 1), date(2024, 1, 1), date(2024, 4, 1)),
        (date(2024, 4, 1), date(2024, 4, 1), date(2024, 7, 1)),
        (date(2024, 12, 1), date(2024, 10, 1), date(2025, 1, 1)),
    ],
)
def test_a_quarter_has_three_months_of_one_year(month: date, first: date, after: date) -> None:
    results = found(count("readmission_30d", month, denominator=1))
    (quarter,) = (g for g in results if g.grain == "quarter")
    assert quarter.period_start == first
    assert period_end("quarter", first) == after


def test_periods_end_where_the_next_begins() -> None:
    assert period_end("month", date(2024, 12, 1)) == date(2025, 1, 1)
    assert period_end("month", date(2024, 2, 1)) == date(2024, 3, 1)
    assert period_end("year", date(2024, 1, 1)) == date(2025, 1, 1)


def test_the_mean_stay_is_pooled_and_never_a_mean_of_means() -> None:
    results = found(
        count("alos", MARCH, amount=5, numerator=50, denominator=10),
        count("alos", APRIL, amount=3, numerator=270, denominator=90),
    )
    whole = results[overall("alos", "all", None)]
    assert (whole.estimate.value, whole.median) == (3.2, 3)
    assert whole.percentile_90 == pytest.approx(3.2)
    assert whole.geometric_mean == pytest.approx(3.157, abs=0.001)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 2.5), (0.9, 3.7), (0.0, 1.0), (1.0, 4.0)])
def test_percentiles_are_between_the_two_nearest_values(share: float, expected: float) -> None:
    assert percentile({1: 1, 2: 1, 3: 1, 4: 1}, share) == pytest.approx(expected)


def test_every_infection_type_has_a_row_over_the_whole_denominator() -> None:
    results = found(
        count("infection_hospital_acquired", MARCH, numerator=1, denominator=500),
        Count("infection_hospital_acquired", MARCH, "infection_type", "ssi", None, 1, 0, 0),
        types=("cdi", "ssi"),
    )
    by_type = {
        g.stratum_value: (r.numerator, r.denominator)
        for g, r in results.items()
        if g.stratum_type == "infection_type" and g.grain == "month"
    }
    assert by_type == {"cdi": (0, 500), "ssi": (1, 500)}


def test_laboratory_measures_watch_one_type_and_have_no_rows_by_type() -> None:
    results = found(count("infection_cdiff_labid", MARCH, denominator=500), types=("cdi",))
    assert {g.stratum_type for g in results} == {"overall"}


def test_nothing_counted_and_nothing_left_out_is_no_result() -> None:
    assert found(count("readmission_30d", MARCH)) == {}
    assert len(found(count("readmission_30d", MARCH, excluded=1))) == 4


def test_the_strongest_rule_for_planned_admissions_names_the_result() -> None:
    results = found(
        count("readmission_30d", MARCH, denominator=1, method="none"),
        count("readmission_30d", APRIL, denominator=1, method="proxy"),
    )
    assert [r.method for g, r in results.items() if g.grain == "all"] == ["proxy"]
    assert results[overall("readmission_30d", "month", MARCH)].method == "none"
