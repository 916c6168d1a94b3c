"""Results as rows of gold.measure_result, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import date
from operator import attrgetter
from typing import Any

from metriccare.marts.measures.predictions import ratio
from metriccare.marts.measures.results import Estimate, Result, ResultKey
from metriccare.marts.periods import period_end
from metriccare.marts.stays.partial_date import days_after
from metriccare.tables import gold as tables


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


# Where a result's values are, by the column that holds them.
VALUE_PATHS = {
    **{field.name: f"result.{field.name}" for field in fields(Result)},
    **{name: f"result.key.{name}" for name in ResultKey._fields},
    **{name: f"result.estimate.{name}" for name in Estimate._fields},
    **{name: name for name in ("tenant", "as_of", "predicted", "sir", "period_end")},
    "measure_version": "version",
}
COLUMNS = tables.MEASURE_RESULT.computed_columns
# The values of a result in the order of COLUMNS.
row_of = attrgetter(*(VALUE_PATHS[column.name] for column in COLUMNS))


def results_in(rows: Iterable[Mapping[str, Any]]) -> tuple[TenantResult, ...]:
    """Return the results that stored rows of gold.measure_result are."""
    return tuple(_result_of(row) for row in rows)


def _result_of(row: Mapping[str, Any]) -> TenantResult:
    key = ResultKey(*(row[name] for name in ResultKey._fields))
    estimate = Estimate(*(row[name] for name in Estimate._fields))
    stored = {name: row[name] for name in _STORED}
    result = Result(key=key, estimate=estimate, **stored)
    version, predicted = row["measure_version"], row["predicted"]
    return TenantResult(row["tenant"], row["as_of"], result, version, predicted)


# The fields of a result that are columns as they are.
_STORED = [field.name for field in fields(Result) if field.name not in ("key", "estimate")]
