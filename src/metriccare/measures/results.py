"""From counts to a published figure: the value and its interval."""

from __future__ import annotations

from typing import NamedTuple

from metriccare.measures.definition import MEAN, PROPORTION, Measure
from metriccare.measures.intervals import poisson, wilson


class Figure(NamedTuple):
    """A result's value; None where there is nothing to divide by, or no interval is defined."""

    value: float | None
    ci_low: float | None
    ci_high: float | None
    ci_method: str | None


NOTHING = Figure(None, None, None, None)


def figure(measure: Measure, numerator: int, denominator: int) -> Figure:
    """Return the value of a measure from its counts; a denominator of 0 has none."""
    if denominator == 0:
        return NOTHING
    if measure.shape == MEAN:
        return Figure(numerator / denominator, None, None, None)
    if measure.shape == PROPORTION:
        interval = wilson(numerator, denominator)
        return Figure(numerator / denominator, *interval)
    scale = measure.per / denominator
    low, high, method = poisson(numerator)
    return Figure(numerator * scale, low * scale, high * scale, method)
