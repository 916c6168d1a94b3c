"""Control charts of published series: centre, limits, and points that are unusual.

p chart for proportions (with Laney's correction where they vary more than chance), u chart for
rates, XmR chart for means, ratios and money. A series in which a point is hidden gets no limits:
only small counts are hidden, so limits would be biased and could give counts away.
Source: publishing specification 11.5, decisions 4; NHS England, Making data count.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from metriccare.statistics.signals import Signal, signals_of

LEAST_POINTS = 12
_SIGMAS = 3.0
# The mean range of two normal values is 1.128 standard deviations (d2 for n = 2).
_D2 = 1.128
# Laney (2002): above this the spread between periods is more than chance.
_OVERDISPERSED = 1.2


class ChartKind(StrEnum):
    """The forms of control chart."""

    P = "p"
    U = "u"
    XMR = "xmr"


class NoLimits(StrEnum):
    """Why a series has no limits."""

    HIDDEN = "hidden_points"
    FEW = "few_points"
    NO_SPREAD = "no_denominators"


@dataclass(frozen=True)
class Point:
    """One period of a series; `value` is a fraction, a rate per unit, a mean or an amount.

    `value` is None where there is no denominator. `is_partial` marks a last period that has not
    ended: it is drawn, and left out of limits and rules.
    """

    value: float | None
    denominator: float | None = None
    is_hidden: bool = False
    is_partial: bool = False

    @property
    def counts(self) -> bool:
        """Return True if limits and rules look at it."""
        return self.value is not None and not self.is_partial


@dataclass(frozen=True)
class Limits:
    """The band that chance explains for one point."""

    low: float
    high: float


@dataclass(frozen=True)
class ControlChart:
    """Limits and signals, one of each per point (None and no signal where there are none).

    `sigma_z` is Laney's spread between periods over chance, of p charts.
    """

    kind: ChartKind
    centre: float | None
    limits: tuple[Limits | None, ...]
    signals: tuple[tuple[Signal, ...], ...]
    reason: NoLimits | None = None
    sigma_z: float | None = None


def control_chart(
    kind: ChartKind, points: Sequence[Point], rules: Sequence[Signal] = tuple(Signal)
) -> ControlChart:
    """Return the chart of a series; without limits it says why there are none."""
    reason = _reason(kind, points)
    if reason is not None:
        none = (None,) * len(points)
        return ControlChart(kind, None, none, ((),) * len(points), reason)
    counted = [point for point in points if point.counts]
    centre, sigmas, sigma_z = _spread(kind, counted)
    by_point = iter(sigmas)
    bands = tuple(_band(kind, centre, next(by_point)) if p.counts else None for p in points)
    values = [p.value for p in counted if p.value is not None]
    found = iter(signals_of(values, centre, sigmas, rules))
    signals = tuple(next(found) if point.counts else () for point in points)
    return ControlChart(kind, centre, bands, signals, None, sigma_z)


def _reason(kind: ChartKind, points: Sequence[Point]) -> NoLimits | None:
    if any(point.is_hidden for point in points):
        return NoLimits.HIDDEN
    counted = [point for point in points if point.counts]
    if len(counted) < LEAST_POINTS:
        return NoLimits.FEW
    if kind is not ChartKind.XMR and not all(point.denominator for point in counted):
        return NoLimits.NO_SPREAD
    return None


def _spread(kind: ChartKind, points: Sequence[Point]) -> tuple[float, list[float], float | None]:
    """Return the centre, the standard deviation of each point, and Laney's sigma_z."""
    values = [point.value or 0.0 for point in points]
    if kind is ChartKind.XMR:
        sigma = _mean_range(values) / _D2
        return sum(values) / len(values), [sigma] * len(values), None
    sizes = [point.denominator or 1.0 for point in points]
    centre = sum(v * n for v, n in zip(values, sizes, strict=True)) / sum(sizes)
    variance = centre * (1 - centre) if kind is ChartKind.P else centre
    sigmas = [math.sqrt(max(variance, 0.0) / size) for size in sizes]
    if kind is ChartKind.U or not all(sigmas):
        return centre, sigmas, None
    scores = [(v - centre) / sigma for v, sigma in zip(values, sigmas, strict=True)]
    sigma_z = _mean_range(scores) / _D2
    factor = sigma_z if sigma_z > _OVERDISPERSED else 1.0
    return centre, [sigma * factor for sigma in sigmas], sigma_z


def _mean_range(values: Sequence[float]) -> float:
    """Return the mean of the differences between neighbours."""
    return sum(abs(b - a) for a, b in pairwise(values)) / (len(values) - 1)


def _band(kind: ChartKind, centre: float, sigma: float) -> Limits:
    """Return the limits; a proportion lies from 0 to 1, a rate above 0."""
    low, high = centre - _SIGMAS * sigma, centre + _SIGMAS * sigma
    if kind is ChartKind.XMR:
        return Limits(low, high)
    return Limits(max(low, 0.0), min(high, 1.0) if kind is ChartKind.P else high)
