"""A person's chart: the story as it can be known at the end of one day."""

from __future__ import annotations

from dataclasses import dataclass

from data_generator.clock import day_of
from data_generator.fhir.codes import Resource, reference
from data_generator.ids import Kind, resource_id
from data_generator.story import Hospital, Part, Person, Stay, Story, Visit


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

    def stays(self) -> list[Stay]:
        """Stays that have begun, acute ones first."""
        acute = [stay for episode in self.story.episodes for stay in episode.stays]
        return [s for s in (*acute, *self.story.nonacute) if self.known(s.admit)]

    def parts(self, stay: Stay) -> list[Part]:
        """Encounters of the stay that have begun."""
        return [part for part in stay.parts if self.known(part.start)]

    def visits(self) -> list[Visit]:
        """Visits that are over."""
        return [visit for visit in self.story.visits if self.known(visit.end)]


def open_chart(story: Story, as_of: int) -> Chart:
    """The chart of a story on a day."""
    patient_id = resource_id(story.person.key, Kind.PATIENT, 0)
    return Chart(story, as_of, patient_id, reference("Patient", patient_id))


def meta(hospital: Hospital, minute: int) -> Resource:
    """``meta`` of a resource last changed at a local minute."""
    return {"lastUpdated": hospital.zone.utc_instant(minute)}
