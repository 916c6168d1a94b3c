"""From counts by month and stratum to results: sums over time, values, intervals.

Counts are of months, so that quarters, years and all time are sums of them; of means every value
is kept with its number of stays, from which median and percentile follow exactly.
Source: measure specification, sections 1 (results), 5 (infection types) and 6 (means).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from metriccare.marts.intervals import poisson, wilson
from metriccare.marts.measures.definition import MEAN, PROPORTION, Measure
from metriccare.marts.periods import periods_of
from metriccare.marts.stays.planned import NONE, PRA, PROXY
from metriccare.tables.strata import INFECTION_TYPE, OVERALL

OTHER_TYPE = "other"
# The strongest method met names the result.
_METHODS = (NONE, PROXY, PRA)


class Estimate(NamedTuple):
    """A result's value; None where there is nothing to divide by, or no interval is defined."""

    value: float | None
    ci_low: float | None
    ci_high: float | None
    ci_method: str | None


NO_ESTIMATE = Estimate(None, None, None, None)


class ResultKey(NamedTuple):
    """What one result is about: a measure, a period (None: all time) and a stratum."""

    measure_id: str
    grain: str
    period_start: date | None
    stratum_type: str
    stratum_value: str


class Count(NamedTuple):
    """Counts of one measure, month and stratum; of means, of one length of stay (`amount`)."""

    measure_id: str
    month: date | None
    stratum_type: str
    stratum_value: str
    amount: int | None
    numerator: int
    denominator: int
    excluded: int
    method: str | None = None


@dataclass(slots=True)
class Total:
    """Running counts of one result."""

    numerator: int = 0
    denominator: int = 0
    excluded: int = 0
    method: str | None = None
    amounts: dict[int, int] = field(default_factory=dict)

    def add(self, count: Count) -> None:
        """Add a month's counts."""
        self.numerator += count.numerator
        self.denominator += count.denominator
        self.excluded += count.excluded
        if count.method is not None:
            self.method = max(self.method or NONE, count.method, key=_METHODS.index)
        if count.amount is not None:
            self.amounts[count.amount] = self.amounts.get(count.amount, 0) + count.denominator


@dataclass(frozen=True, slots=True)
class Result:
    """One result before suppression."""

    key: ResultKey
    numerator: int
    denominator: int
    excluded: int
    estimate: Estimate
    method: str | None
    median: float | None
    percentile_90: float | None
    geometric_mean: float | None


def results_of(
    counts: Iterable[Count], measures: Mapping[str, Measure], types: Sequence[str]
) -> list[Result]:
    """Return every result with something counted or left out, in a fixed order.

    A measure has results of its own strata only. `types` are the infection types that always have
    a row, even with 0 events.
    """
    strata = {measure.id: frozenset(measure.stratum_types) for measure in measures.values()}
    totals = _totals(count for count in counts if count.stratum_type in strata[count.measure_id])
    _complete_types(totals, measures, types)
    return [
        _result(key, total, measures[key.measure_id])
        for key, total in sorted(totals.items(), key=_order)
        if total.denominator or total.excluded
    ]


def _totals(counts: Iterable[Count]) -> dict[ResultKey, Total]:
    totals: dict[ResultKey, Total] = defaultdict(Total)
    for count in counts:
        for grain, start in periods_of(count.month):
            key = ResultKey(count.measure_id, grain, start, count.stratum_type, count.stratum_value)
            totals[key].add(count)
    return totals


def _complete_types(
    totals: dict[ResultKey, Total], measures: Mapping[str, Measure], types: Sequence[str]
) -> None:
    """Give every infection type the whole denominator: all patient days, or all stays."""
    found = {g.stratum_value for g in totals if g.stratum_type == INFECTION_TYPE}
    shown = sorted({*types, *found})
    for key, total in list(totals.items()):
        if key.stratum_type == OVERALL and measures[key.measure_id].has_types:
            for kind in shown:
                own = totals[key._replace(stratum_type=INFECTION_TYPE, stratum_value=kind)]
                own.denominator, own.excluded = total.denominator, total.excluded


def _order(item: tuple[ResultKey, Total]) -> tuple[str, ...]:
    return tuple(str(part or "") for part in item[0])


def _result(key: ResultKey, total: Total, measure: Measure) -> Result:
    return Result(
        key=key,
        numerator=total.numerator,
        denominator=total.denominator,
        excluded=total.excluded,
        estimate=estimate(measure, total.numerator, total.denominator),
        method=total.method,
        median=percentile(total.amounts, 0.5),
        percentile_90=percentile(total.amounts, 0.9),
        geometric_mean=geometric_mean(total.amounts),
    )


def estimate(measure: Measure, numerator: int, denominator: int) -> Estimate:
    """Return the value of a measure from its counts; a denominator of 0 has none."""
    if denominator == 0:
        return NO_ESTIMATE
    if measure.shape == MEAN:
        return Estimate(numerator / denominator, None, None, None)
    if measure.shape == PROPORTION:
        interval = wilson(numerator, denominator)
        return Estimate(numerator / denominator, *interval)
    scale = measure.per / denominator
    low, high, method = poisson(numerator)
    return Estimate(numerator * scale, low * scale, high * scale, method)


def percentile(amounts: Mapping[int, int], share: float) -> float | None:
    """Return a percentile of counted values, interpolated between the two nearest (type 7)."""
    total = sum(amounts.values())
    if total == 0:
        return None
    place = share * (total - 1)
    low, high = _value_at(amounts, math.floor(place)), _value_at(amounts, math.ceil(place))
    return low + (high - low) * (place - math.floor(place))


def _value_at(amounts: Mapping[int, int], place: int) -> int:
    seen = 0
    for amount in sorted(amounts):
        seen += amounts[amount]
        if place < seen:
            return amount
    return max(amounts)


def geometric_mean(amounts: Mapping[int, int]) -> float | None:
    """Return the geometric mean of counted positive values."""
    total = sum(amounts.values())
    if total == 0:
        return None
    return math.exp(sum(math.log(amount) * n for amount, n in sorted(amounts.items())) / total)
