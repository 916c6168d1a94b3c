"""The months that a close names."""

from __future__ import annotations

from datetime import date, timedelta

from metriccare.errors import UsageError


def month_of(text: str) -> date:
    """Return the month a person named, such as 2024-03; UsageError for anything else."""
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise UsageError(f"A month is written as 2024-03, found {text!r}.") from None


def month_before(day: date) -> date:
    """Return the first day of the month before that of a day."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)
