"""Intervals against the specification's figures and scipy's."""

from __future__ import annotations

import pytest
from scipy import stats

from metriccare.marts.intervals import poisson, wilson
from metriccare.marts.measures import BY_ID
from metriccare.marts.measures.results import estimate


def test_a_proportion_has_the_wilson_interval() -> None:
    found = wilson(15, 100)
    assert (round(found.low, 3), round(found.high, 3), found.method) == (0.093, 0.233, "wilson")


@pytest.mark.parametrize(
    ("events", "low", "high", "method"),
    [(5, 1.623, 11.668, "poisson_exact"), (12, 6.194, 20.963, "byar")],
)
def test_counts_are_exact_below_10_and_byars_from_10(
    events: int, low: float, high: float, method: str
) -> None:
    found = poisson(events)
    assert (round(found.low, 3), round(found.high, 3), found.method) == (low, high, method)


@pytest.mark.parametrize("events", range(10))
def test_exact_limits_are_those_of_the_chi_square_distribution(events: int) -> None:
    found = poisson(events)
    low = stats.chi2.ppf(0.025, 2 * events) / 2 if events else 0
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(stats.chi2.ppf(0.975, 2 * events + 2) / 2, abs=1e-9)


@pytest.mark.parametrize(("count", "total"), [(0, 1), (0, 40), (40, 40), (1, 3), (377, 9001)])
def test_wilson_agrees_with_scipy(count: int, total: int) -> None:
    theirs = stats.binomtest(count, total).proportion_ci(method="wilson")
    ours = wilson(count, total)
    assert (ours.low, ours.high) == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_a_rate_and_its_interval_are_per_1000_or_10000_patient_days() -> None:
    assert estimate(BY_ID["infection_hospital_acquired"], 1, 5).value == 200.0
    found = estimate(BY_ID["infection_cdiff_labid"], 5, 10_000)
    assert found.value == 5.0
    assert (round(found.ci_low or 0, 3), round(found.ci_high or 0, 3)) == (1.623, 11.668)


@pytest.mark.parametrize("measure", BY_ID)
def test_nothing_to_divide_by_has_no_value(measure: str) -> None:
    assert estimate(BY_ID[measure], 0, 0) == (None, None, None, None)
