"""Results as rows of gold.measure_result, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from metriccare.measures.partial_date import days_after
from metriccare.measures.predictions import ratio
from metriccare.measures.results import Estimate, Result, ResultKey, period_end


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
        grain, start = self.result.key.grain, self.result.key.period_start
        if start is None:
            return days_after(self.as_of, 1)
        return period_end(grain, start)


# The columns of a row, without those a run stamps.
NAMES = (
    "tenant",
    *ResultKey._fields,
    "period_end",
    "measure_version",
    "numerator",
    "denominator",
    "excluded",
    *Estimate._fields,
    "as_of",
    "median",
    "percentile_90",
    "geometric_mean",
    "method",
    "predicted",
    "sir",
)


def row_of(result: TenantResult) -> tuple[Any, ...]:
    """Return a result's values under NAMES."""
    of_group = result.result
    return (
        result.tenant,
        *of_group.key,
        result.period_end,
        result.version,
        of_group.numerator,
        of_group.denominator,
        of_group.excluded,
        *of_group.estimate,
        result.as_of,
        of_group.median,
        of_group.percentile_90,
        of_group.geometric_mean,
        of_group.method,
        result.predicted,
        result.sir,
    )


def result_of(row: tuple[Any, ...]) -> TenantResult:
    """Return the result that `row_of` made the values of."""
    tenant, measure_id, grain, start, kind, stratum, _, version, *rest = row
    numerator, denominator, excluded, value, low, high, ci_method, as_of, *rest = rest
    median, percentile_90, geometric_mean, method, predicted, _ = rest
    key = ResultKey(measure_id, grain, start, kind, stratum)
    figure = Estimate(value, low, high, ci_method)
    means = (median, percentile_90, geometric_mean)
    result = Result(key, numerator, denominator, excluded, figure, method, *means)
    return TenantResult(tenant, as_of, result, version, predicted)


def results_in(rows: Iterable[Mapping[str, Any]]) -> tuple[TenantResult, ...]:
    """Return the results that stored rows of gold.measure_result are."""
    return tuple(result_of(tuple(row[name] for name in NAMES)) for row in rows)
