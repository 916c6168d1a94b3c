"""Closed months: what the books of a month said when it was closed, and what they say now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from data_generator.clock import day_text, first_day_of_month, month_index
from data_generator.story import Story
from data_generator.truth.account_truth import AccountTruth, Encounter

# Months are closed on this day of the next one, in the evening.
CLOSE_DAY = 5
_KEY = ("kpi_id", "period_start", "stratum_type", "stratum_value")


def close_days(first: int, last: int) -> Iterator[int]:
    """Yield the days after ``first`` and up to ``last`` on which a month is closed."""
    for month in range(month_index(first), month_index(last) + 1):
        day = first_day_of_month(month) + CLOSE_DAY - 1
        if first < day <= last:
            yield day


def month_end_before(day: int) -> int:
    """Return the last day of the month before that of a day."""
    return first_day_of_month(month_index(day)) - 1


@dataclass(slots=True)
class MonthClose:
    """A close on a day: the accounts at the end of the month before, by what was known then."""

    day: int
    accounts: AccountTruth
    figures: dict[tuple[Any, ...], dict[str, Any]] | None = field(default=None)

    def add(self, story: Story, encounters: list[Encounter]) -> None:
        """Add a person."""
        for _ in self.accounts.add(story, encounters):
            pass

    def rows(self, kpis: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield each closed figure beside the restated one; ``kpis`` are the rows as of now."""
        if self.figures is None:
            self.figures = dict(self._of_month(self.accounts.rows(brief=True)))
        restated = dict(self._of_month(kpis))
        for key, figure in self.figures.items():
            now = restated.get(key, {})
            yield {
                **dict(zip(_KEY, key, strict=True)),
                "closed_on": day_text(self.day),
                "numerator": figure["numerator"],
                "denominator": figure["denominator"],
                "restated_numerator": now.get("numerator"),
                "restated_denominator": now.get("denominator"),
            }

    def _of_month(
        self, rows: Iterable[dict[str, Any]]
    ) -> Iterator[tuple[tuple[Any, ...], dict[str, Any]]]:
        month = day_text(first_day_of_month(month_index(self.accounts.day)))
        for row in rows:
            if (row["grain"], row["period_start"]) == ("month", month):
                yield tuple(row[name] for name in _KEY), row
