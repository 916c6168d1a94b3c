"""What is sent each day after the history: new, corrected, late, deleted and repeated records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

from data_generator.fhir.codes import Resource
from data_generator.fhir.record import person_resources
from data_generator.output.batch import Batch
from data_generator.story import Story
from data_generator.streams import Stream

# Assumed: rare, so that daily folders stay small.
_RESEND_SHARE = 0.01
_RESENT_RECORDS = 3
_OLD_VERSION_SHARE = 0.1

Chart = dict[str, Resource]


@dataclass(slots=True)
class PersonDays:
    """A person's records on each day after the history."""

    story: Story
    registered_day: int
    first: int  # the last day of the history
    last: int
    all_types: bool = False
    money: bool = True
    charts: Callable[[int], Chart] = field(init=False)

    def __post_init__(self) -> None:
        """Cache the charts: each day is compared with both its neighbours."""
        self.charts = cache(self._chart)

    def _chart(self, day: int) -> Chart:
        resources = person_resources(
            self.story, day, self.registered_day, all_types=self.all_types, money=self.money
        )
        return {f"{r['resourceType']}/{r['id']}": r for r in resources}

    def history(self) -> list[Resource]:
        """Return all records at the end of the history."""
        return list(self.charts(self.first).values())

    def batches(self, name: str) -> dict[int, Batch]:
        """Return one batch for each day on which something is sent."""
        batches: dict[int, Batch] = {}
        for day in self._changed_days(self.first, self.last):
            batches[day] = self._changes(name, day)
        for day in range(self.first + 1, self.last + 1):
            again = self._sent_again(name, day, batches.get(day - 1))
            if again:
                batch = batches.setdefault(day, Batch(name, day, []))
                new = {_version(r) for r in batch.resources}
                batch.resources.extend(r for r in again if _version(r) not in new)
        return batches

    def _changed_days(self, first: int, last: int) -> list[int]:
        """Return the days whose records differ from the day before, by halving the span."""
        if first == last or self._same(first, last):
            return []
        if last == first + 1:
            return [last]
        middle = (first + last) // 2
        return self._changed_days(first, middle) + self._changed_days(middle, last)

    def _same(self, first: int, last: int) -> bool:
        # A visit that was added and withdrawn between the two days is in neither chart.
        return withdrawals(self.story, first) == withdrawals(self.story, last) and (
            self.charts(first) == self.charts(last)
        )

    def _changes(self, name: str, day: int) -> Batch:
        before, after = self.charts(day - 1), self.charts(day)
        changed = [r for key, r in after.items() if before.get(key) != r]
        return Batch(name, day, changed, tuple(key for key in before if key not in after))

    def _sent_again(self, name: str, day: int, yesterday: Batch | None) -> list[Resource]:
        """Return unchanged records, and old versions that arrive a day after the new ones."""
        stream = Stream(name, "again", day)
        resent: list[Resource] = []
        if stream.chance(_RESEND_SHARE):
            chart = list(self.charts(day).values())
            resent = [stream.one_of(chart) for _ in range(_RESENT_RECORDS)]
        if yesterday is not None and yesterday.resources:
            old = self.charts(day - 2) if day - 2 >= self.first else {}
            for resource in yesterday.resources:
                key = f"{resource['resourceType']}/{resource['id']}"
                if key in old and stream.chance(_OLD_VERSION_SHARE):
                    resent.append(old[key])
        return resent


def _version(resource: Resource) -> tuple[str, str, str]:
    return resource["resourceType"], resource["id"], resource["meta"]["lastUpdated"]


def withdrawals(story: Story, day: int) -> int:
    """Return how many visits and stays were withdrawn by a day."""
    visits = sum(v.withdrawn_day is not None and v.withdrawn_day <= day for v in story.visits)
    return visits + sum(episode.withdrawn(day) for episode in story.episodes)
