"""A person's chart: what is known of the story at the end of one day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data_generator.clock import day_of
from data_generator.fhir.codes import BASE, Resource, reference
from data_generator.ids import Kind, resource_id
from data_generator.story import Episode, Hospital, Part, Person, Stay, Story, Visit, Withdrawal


@dataclass(frozen=True, slots=True)
class Chart:
    """What is known of a story at the end of the day ``as_of``."""

    story: Story
    as_of: int
    patient_id: str
    subject: Resource

    @property
    def person(self) -> Person:
        """Return the person of the chart."""
        return self.story.person

    def id(self, kind: Kind, index: int, count: int = 0) -> str:
        """Return the id of one of the person's resources."""
        return resource_id(self.story.person.key, kind, index, count)

    def known(self, minute: int) -> bool:
        """Return True if this local minute is not after ``as_of``."""
        return day_of(minute) <= self.as_of

    def over(self, part: Part) -> bool:
        """Return True if the end of the encounter is recorded by now."""
        return self.known(part.end) and not part.forgotten

    def stays(self) -> list[Stay]:
        """Return the stays that have begun and were not deleted, acute ones first."""
        kept = [e for e in self.story.episodes if not self._deleted(e)]
        acute = [stay for episode in kept for stay in episode.stays]
        return [s for s in (*acute, *self.story.nonacute) if self.known(s.admit)]

    def _deleted(self, episode: Episode) -> bool:
        return episode.withdrawal is Withdrawal.DELETED and episode.withdrawn(self.as_of)

    def in_error_since(self, stay: Stay) -> int | None:
        """Return the day a stay was marked as entered in error, if it was."""
        for episode in self.story.episodes:
            if episode.withdrawn(self.as_of) and stay in episode.stays:
                return episode.withdrawn_day
        return None

    def parts(self, stay: Stay) -> list[Part]:
        """Return the encounters of the stay that have begun."""
        return [part for part in stay.parts if self.known(part.start)]

    def visits(self) -> list[Visit]:
        """Return the visits on record."""
        return [visit for visit in self.story.visits if visit.on_record(self.as_of)]


def charts_of(story: Story, as_of: int) -> Iterator[Chart]:
    """Yield the person's own chart, and that of the alias once it has a stay."""
    for record in story.by_record():
        chart = open_chart(record, as_of)
        if record.record == 0 or chart.stays():
            yield chart


def open_chart(story: Story, as_of: int) -> Chart:
    """Return the chart of a story on a day."""
    patient_id = resource_id(story.person.key, Kind.PATIENT, story.record)
    return Chart(story, as_of, patient_id, reference("Patient", patient_id))


def meta(hospital: Hospital, minute: int, source: str | None = None) -> Resource:
    """Return ``meta`` for a local minute of change; the default source is the hospital's feed."""
    feed = source or f"{BASE}/feed/{hospital.facts.key}"
    return {"lastUpdated": hospital.zone.utc_instant(minute), "source": feed}
