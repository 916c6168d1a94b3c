"""The periods of results: months, quarters and years of the calendar, and all time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from metriccare.tables.grains import ALL, GRAINS, MONTH, QUARTER, YEAR

_MONTHS_IN = {YEAR: 12, QUARTER: 3, MONTH: 1}

__all__ = ["ALL", "GRAINS", "MONTH", "QUARTER", "YEAR", "period_end", "period_start", "periods_of"]


def periods_of(month: date | None) -> Iterator[tuple[str, date | None]]:
    """Yield the periods a month belongs to; what has no date belongs to all time only."""
    yield ALL, None
    if month is not None:
        yield from ((grain, period_start(grain, month)) for grain in _MONTHS_IN)


def period_start(grain: str, day: date) -> date:
    """Return the first day of the year, quarter or month a date lies in."""
    months = _MONTHS_IN[grain]
    return date(day.year, day.month - (day.month - 1) % months, 1)


def period_end(grain: str, start: date) -> date:
    """Return the day after the last of the year, quarter or month that begins on a date."""
    years, month = divmod(start.month - 1 + _MONTHS_IN[grain], 12)
    return date(start.year + years, month + 1, 1)
