"""The rows of each day after the history: what is new, changed or gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from data_generator.clock import day_text
from data_generator.feeds.claims import claim_rows
from data_generator.feeds.columns import KEY_LENGTHS
from data_generator.feeds.members import member_rows
from data_generator.feeds.text import Row
from data_generator.fhir.chart import charts_of
from data_generator.story import Story

UPSERT, DELETE = "upsert", "delete"
Line = tuple[Row, str]
_Rows = dict[tuple[str, tuple[str, ...]], Row]


def person_rows(story: Story, as_of: int, registered_day: int, *, whole: bool) -> Iterator[Row]:
    """Yield every row about a person at the end of a day."""
    for chart in charts_of(story, as_of):
        if whole:
            yield from member_rows(chart, registered_day)
        yield from claim_rows(chart, whole=whole)


@dataclass(slots=True)
class PersonFeeds:
    """A person's rows on each day; days that change nothing are found by halving the span."""

    story: Story
    registered_day: int
    whole: bool
    known: dict[int, _Rows] = field(default_factory=dict)

    def history(self, day: int) -> list[Line]:
        """Return all rows at the end of the history."""
        return [(row, UPSERT) for row in self._rows(day).values()]

    def changes(self, first: int, last: int) -> dict[int, list[Line]]:
        """Return the changed rows of each day after ``first``."""
        return {day: list(self._change(day)) for day in self._changed_days(first, last)}

    def _rows(self, day: int) -> _Rows:
        rows = self.known.get(day)
        if rows is None:
            made = person_rows(self.story, day, self.registered_day, whole=self.whole)
            rows = {(row.feed, row.values[: KEY_LENGTHS[row.feed]]): row for row in made}
            self.known[day] = rows
        return rows

    def _changed_days(self, first: int, last: int) -> list[int]:
        # A visit that is added and withdrawn between two days may leave equal rows: every
        # claim is sent days after it arrives, so that only pairs of days further apart can.
        if first == last:
            return []
        if last == first + 1:
            return [last] if self._rows(first) != self._rows(last) else []
        middle = (first + last) // 2
        return self._changed_days(first, middle) + self._changed_days(middle, last)

    def _change(self, day: int) -> Iterator[Line]:
        before, after = self._rows(day - 1), self._rows(day)
        for key, row in after.items():
            if before.get(key) != row:
                yield row, UPSERT
        for key, row in before.items():
            if key not in after:
                # Later than the row in any zone.
                yield row._replace(updated_at=f"{day_text(day)}T12:00:00Z"), DELETE
