"""Results as rows of gold.measure_result, and back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from metriccare.jobs.differences import Rows
from metriccare.measures.moment import days_after
from metriccare.measures.predictions import ratio
from metriccare.measures.results import Figure, Group, Result, period_end


@dataclass(frozen=True)
class TenantResult:
    """A result and whose it is."""

    tenant: str
    as_of: date
    result: Result
    version: str
    predicted: float | None = None

    @property
    def sir(self) -> float | None:
        """Return observed over predicted events, where enough are predicted."""
        return ratio(self.result.numerator, self.predicted)

    @property
    def period_end(self) -> date:
        """Return the day after the period's last; of all time, the day after as_of."""
        grain, start = self.result.group.grain, self.result.group.period_start
        if start is None:
            return days_after(self.as_of, 1)
        return period_end(grain, start)


def as_rows(results: Iterable[TenantResult]) -> Rows:
    """Return the rows of gold.measure_result, without the columns a run stamps."""
    return Rows(_NAMES, [_row(one) for one in results])


_NAMES = (
    "tenant",
    *Group._fields,
    "period_end",
    "measure_version",
    "numerator",
    "denominator",
    "excluded",
    *Figure._fields,
    "as_of",
    "median",
    "percentile_90",
    "geometric_mean",
    "method",
    "predicted",
    "sir",
)


def _row(one: TenantResult) -> tuple[Any, ...]:
    result = one.result
    return (
        one.tenant,
        *result.group,
        one.period_end,
        one.version,
        result.numerator,
        result.denominator,
        result.excluded,
        *result.figure,
        one.as_of,
        result.median,
        result.percentile_90,
        result.geometric_mean,
        result.method,
        one.predicted,
        one.sir,
    )


def results_in(stored: Rows) -> tuple[TenantResult, ...]:
    """Return the results that stored rows of gold.measure_result hold."""
    return tuple(_result(row) for row in stored.under(_NAMES).rows)


def _result(row: tuple[Any, ...]) -> TenantResult:
    """Return what `_row` made a row of."""
    tenant, measure_id, grain, start, kind, stratum, _, version, *rest = row
    numerator, denominator, excluded, value, low, high, ci_method, as_of, *rest = rest
    median, percentile_90, geometric_mean, method, predicted, _ = rest
    group = Group(measure_id, grain, start, kind, stratum)
    figure = Figure(value, low, high, ci_method)
    means = (median, percentile_90, geometric_mean)
    result = Result(group, numerator, denominator, excluded, figure, method, *means)
    return TenantResult(tenant, as_of, result, version, predicted)
