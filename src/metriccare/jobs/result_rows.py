"""Results as rows of gold.measure_result on the driver, and back."""

from __future__ import annotations

from collections.abc import Iterable

from metriccare.jobs.differences import Rows
from metriccare.pipeline.gold.result_rows import NAMES, TenantResult, result_of, row_of

__all__ = ["TenantResult", "as_rows", "results_in"]


def as_rows(results: Iterable[TenantResult]) -> Rows:
    """Return the rows of gold.measure_result, without the columns a run stamps."""
    return Rows(NAMES, [row_of(result) for result in results])


def results_in(stored: Rows) -> tuple[TenantResult, ...]:
    """Return the results that stored rows of gold.measure_result hold."""
    return tuple(result_of(row) for row in stored.under(NAMES).rows)
