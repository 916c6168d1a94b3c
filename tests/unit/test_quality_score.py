"""The score of a table: five components, each 0 to 1, weighed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from metriccare.quality.score import Counts, score_of, timeliness, weighed

NEW = timedelta(0)
GOOD = Counts(
    received=100,
    rejected=0,
    loaded=100,
    distinct_versions=100,
    kept=100,
    flagged=0,
    cells=300,
    filled=300,
    referred=100,
    unresolved=0,
)


def test_the_worked_example_of_the_specification():
    components = {
        "completeness": Fraction(98, 100),
        "validity": Fraction(95, 100),
        "consistency": None,
        "uniqueness": Fraction(1),
        "timeliness": timeliness(timedelta(hours=48), 24),
    }
    assert components["timeliness"] == Fraction(1, 2)
    assert weighed(components).value == Decimal("91.5")


def test_a_table_without_a_fault_has_100():
    assert score_of(GOOD, NEW, 24).value == 100


def test_without_rows_there_is_no_score():
    nothing = Counts(*[0] * 10)
    assert score_of(nothing, NEW, 24).value is None
    assert set(score_of(nothing, NEW, 24).components.values()) == {None}


@pytest.mark.parametrize(
    ("counts", "component", "value", "score"),
    [
        ({"filled": 150}, "completeness", Fraction(1, 2), "82.5"),
        ({"rejected": 10, "flagged": 10}, "validity", Fraction(8, 10), "94.0"),
        ({"unresolved": 50}, "consistency", Fraction(1, 2), "92.5"),
        ({"referred": 0}, "consistency", None, "100.0"),
        ({"distinct_versions": 90}, "uniqueness", Fraction(9, 10), "99.0"),
        # Everything was rejected: no row says anything of the rest.
        (
            {"rejected": 100, "loaded": 0, "kept": 0, "cells": 0, "referred": 0},
            "uniqueness",
            None,
            "25.0",
        ),
    ],
)
def test_what_each_component_is_of(counts, component, value, score):
    found = score_of(replace(GOOD, **counts), NEW, 24)
    assert found.components[component] == value
    assert found.value == Decimal(score)


@pytest.mark.parametrize(
    ("hours", "value"), [(0, 1), (24, 1), (36, Fraction(3, 4)), (72, 0), (100, 0)]
)
def test_timely_up_to_the_hours_agreed_and_not_at_all_from_three_times_as_many(hours, value):
    assert timeliness(timedelta(hours=hours), 24) == value


def test_a_score_is_rounded_half_up():
    # 100 x 0.30 x 0.0015 / 0.30 = 0.15
    assert weighed({"validity": Fraction(15, 10_000)}).value == Decimal("0.2")
