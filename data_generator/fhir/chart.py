"""A person's chart: the story as it can be known at the end of one day."""

from __future__ import annotations

from dataclasses import dataclass

from data_generator.clock import day_of
from data_generator.fhir.codes import BASE, Resource, reference
from data_generator.ids import Kind, resource_id
from data_generator.story import Episode, Hospital, Part, Person, Stay, Story, Visit, Withdrawal


@dataclass(frozen=True, slots=True)
class Chart:
    """A story seen at the end of the day ``as_of``."""

    story: Story
    as_of: int
    patient_id: str
    subject: Resource

    @property
    def person(self) -> Person:
        """Whose chart it is."""
        return self.story.person

    def id(self, kind: Kind, place: int, count: int = 0) -> str:
        """The id of one of the person's resources."""
        return resource_id(self.story.person.key, kind, place, count)

    def known(self, minute: int) -> bool:
        """Whether something at this local minute has happened by now."""
        return day_of(minute) <= self.as_of

    def over(self, part: Part) -> bool:
        """Whether the record has the encounter's end by now."""
        return self.known(part.end) and not part.forgotten

    def stays(self) -> list[Stay]:
        """Stays that have begun and were not deleted, acute ones first."""
        kept = [e for e in self.story.episodes if not self._deleted(e)]
        acute = [stay for episode in kept for stay in episode.stays]
        return [s for s in (*acute, *self.story.nonacute) if self.known(s.admit)]

    def _deleted(self, episode: Episode) -> bool:
        return episode.withdrawal is Withdrawal.DELETED and episode.withdrawn(self.as_of)

    def in_error_since(self, stay: Stay) -> int | None:
        """The day a stay was marked as entered in error, if it was."""
        for episode in self.story.episodes:
            if episode.withdrawn(self.as_of) and stay in episode.stays:
                return episode.withdrawn_day
        return None

    def parts(self, stay: Stay) -> list[Part]:
        """Encounters of the stay that have begun."""
        return [part for part in stay.parts if self.known(part.start)]

    def visits(self) -> list[Visit]:
        """Visits on record."""
        return [visit for visit in self.story.visits if visit.on_record(self.as_of)]


def open_chart(story: Story, as_of: int) -> Chart:
    """The chart of a story on a day."""
    patient_id = resource_id(story.person.key, Kind.PATIENT, story.record)
    return Chart(story, as_of, patient_id, reference("Patient", patient_id))


def meta(hospital: Hospital, minute: int, source: str | None = None) -> Resource:
    """``meta`` of a resource last changed at a local minute, by default in the hospital's feed."""
    told_by = source or f"{BASE}/feed/{hospital.facts.key}"
    return {"lastUpdated": hospital.zone.utc_instant(minute), "source": told_by}
