"""Funnel plots: which units differ from the whole by more than chance explains.

Exact binomial or Poisson prediction limits round the pooled rate, interpolated between counts.
Source: Spiegelhalter, Funnel plots for comparing institutional performance (Stat Med 2005), A.1.1.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from metriccare.statistics.distributions import (
    binomial_cdf,
    binomial_share,
    poisson_cdf,
    poisson_share,
    value_at,
)

_TAILS = {"95": 0.025, "99.8": 0.001}
# Where a normal distribution has these probabilities, in standard deviations: about where to look.
_NORMAL = {0.025: -1.96, 1 - 0.025: 1.96, 0.001: -3.09, 1 - 0.001: 3.09}
# Enough for a smooth line at 1,080 pixels.
_CURVE_POINTS = 40
_OVERDISPERSED_SHARE = 0.1


class Shape(StrEnum):
    """What is counted: persons of persons, or events in time."""

    PROPORTION = "proportion"
    RATE = "rate"


class Place(StrEnum):
    """Where a unit lies."""

    INSIDE = "inside"
    ABOVE_95 = "above_95"
    BELOW_95 = "below_95"
    ABOVE_998 = "above_99_8"
    BELOW_998 = "below_99_8"


@dataclass(frozen=True)
class Unit:
    """One hospital or provider: events and denominator."""

    numerator: int
    denominator: float


@dataclass(frozen=True)
class FunnelLimits:
    """The prediction limits at one denominator, as values."""

    denominator: float
    low_95: float
    high_95: float
    low_998: float
    high_998: float


@dataclass(frozen=True)
class Funnel:
    """The pooled value, limits along the denominators, limits and place of each unit."""

    centre: float
    curve: tuple[FunnelLimits, ...]
    units: tuple[FunnelLimits, ...]
    places: tuple[Place, ...]

    @property
    def is_overdispersed(self) -> bool:
        """Return True if more units lie outside than chance and few real outliers explain."""
        outside = sum(place in {Place.ABOVE_998, Place.BELOW_998} for place in self.places)
        return bool(self.places) and outside / len(self.places) > _OVERDISPERSED_SHARE


def funnel(shape: Shape, units: Sequence[Unit]) -> Funnel | None:
    """Return the funnel of units whose counts are known; None if nothing can be pooled."""
    total = sum(unit.denominator for unit in units)
    if not units or total <= 0:
        return None
    centre = sum(unit.numerator for unit in units) / total
    limits = tuple(limits_at(shape, centre, unit.denominator) for unit in units)
    places = tuple(_place(unit, at) for unit, at in zip(units, limits, strict=True))
    sizes = [unit.denominator for unit in units]
    curve = tuple(limits_at(shape, centre, size) for size in _grid(min(sizes), max(sizes)))
    return Funnel(centre, curve, limits, places)


def limits_at(shape: Shape, centre: float, denominator: float) -> FunnelLimits:
    """Return the limits at a denominator."""
    bounds = [
        bound
        for tail in _TAILS.values()
        for bound in (
            _quantile(shape, centre, denominator, tail),
            _quantile(shape, centre, denominator, 1.0 - tail),
        )
    ]
    low_95, high_95, low_998, high_998 = bounds
    return FunnelLimits(denominator, low_95, high_95, low_998, high_998)


def _quantile(shape: Shape, centre: float, denominator: float, probability: float) -> float:
    """Return the value at a probability, interpolated between the two counts beside it."""
    size = max(1, round(denominator))
    mean = centre * (size if shape is Shape.PROPORTION else denominator)
    if mean <= 0:
        return 0.0
    if shape is Shape.PROPORTION and centre >= 1:
        # Everybody: all of the probability lies on the last count.
        return (size - 1 + probability) / denominator
    if shape is Shape.PROPORTION:
        cdf = partial(binomial_cdf, size=size, share=centre)
        share = partial(binomial_share, size=size, share=centre)
        spread, most = math.sqrt(mean * (1 - centre)), size
    else:
        cdf, share = partial(poisson_cdf, mean=mean), partial(poisson_share, mean=mean)
        # Far beyond any tail that is asked for.
        spread, most = math.sqrt(mean), int(mean + 12 * math.sqrt(mean) + 40)
    near = round(mean + _NORMAL[probability] * spread)
    return max(0.0, value_at(cdf, share, probability, near, most)) / denominator


def _place(unit: Unit, limits: FunnelLimits) -> Place:
    value = unit.numerator / unit.denominator
    if value > limits.high_998:
        return Place.ABOVE_998
    if value < limits.low_998:
        return Place.BELOW_998
    if value > limits.high_95:
        return Place.ABOVE_95
    return Place.BELOW_95 if value < limits.low_95 else Place.INSIDE


def _grid(least: float, most: float) -> list[float]:
    """Return denominators from the least to the most, closer together where limits bend."""
    low, high = math.sqrt(max(least, 1.0)), math.sqrt(max(most, 1.0))
    steps = [low + (high - low) * place / (_CURVE_POINTS - 1) for place in range(_CURVE_POINTS)]
    return sorted({float(round(step * step)) for step in steps})
