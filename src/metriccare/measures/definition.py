"""What a measure is: its definition for people, and the function that judges stays.

A measure is one file with its `Measure` on top; the registry in `measures/__init__.py` names
them all. A new measure is one file, its test and one line of the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from metriccare.measures.death import Death
from metriccare.measures.episode import Episode
from metriccare.measures.infection_event import ACQUIRED, InfectionEvent
from metriccare.measures.planned import NONE
from metriccare.measures.stay import Stay
from metriccare.settings import Ages

ADULTS = Ages()
PROPORTION, RATE, MEAN = "proportion", "rate", "mean"
STAYS, PATIENT_DAYS = "stays", "patient days"
FINISHED_ACUTE_STAYS, ACUTE_PATIENT_DAYS = "finished acute stays", "acute patient days"


@dataclass(frozen=True)
class PersonRecord:
    """One person as the measures see them: stays, episodes, events and death, up to as_of.

    `ages` are those the settings give for a measure; every other one counts adults.
    """

    person_id: str
    as_of: date
    stays: tuple[Stay, ...]
    episodes: tuple[Episode, ...]
    events: tuple[InfectionEvent, ...]
    death: Death
    ages: Mapping[str, Ages] = field(default_factory=dict)

    def ages_for(self, measure_id: str) -> Ages:
        """Return the ages at admission a measure counts."""
        return self.ages.get(measure_id, ADULTS)

    @property
    def candidates(self) -> tuple[Stay, ...]:
        """Return the stays that had begun by as_of."""
        return tuple(s for s in self.stays if s.is_counted)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One measure's verdict on one stay; `numerator` is None when the stay does not count."""

    stay_id: str
    hospital_id: str | None
    period_date: date | None
    numerator: int | None
    exclusion_reasons: tuple[str, ...] = ()
    outcome_stay_id: str | None = None
    outcome_date: date | None = None
    # How the outcome was decided, where there is more than one way (planned admissions).
    method: str | None = None

    @property
    def in_denominator(self) -> bool:
        """Tell whether the stay counts."""
        return not self.exclusion_reasons


Judge = Callable[[PersonRecord], Iterable[Evidence]]


@dataclass(frozen=True)
class Measure:
    """One measure: what it asks, what it counts, what it leaves out, and where that is written.

    `shape` is proportion, rate (events per `per` of `denominator_unit`) or mean.
    """

    id: str
    version: str
    title: str
    question: str
    numerator: str
    denominator: str
    exclusions: tuple[str, ...]
    period: str
    source: str
    not_this: str
    shape: str
    judge: Judge
    denominator_unit: str = STAYS
    per: int = 1
    # Measures that divide by the very same count name it alike.
    denominator_name: str | None = None
    # Infection measures: the methods of the events they count, and the one type if only one.
    event_methods: tuple[str, ...] = ()
    event_type: str | None = None
    # What it is called where nothing told planned admissions from unplanned ones.
    all_cause_title: str | None = None

    def title_by(self, method: str | None) -> str:
        """Return its title, honest about how its outcomes were decided."""
        is_all_cause = self.all_cause_title is not None and method == NONE
        return str(self.all_cause_title) if is_all_cause else self.title

    @property
    def has_types(self) -> bool:
        """Tell whether the measure is also given by infection type."""
        return bool(self.event_methods) and self.event_type is None

    def counts(self, event: InfectionEvent) -> bool:
        """Tell whether the measure counts an event."""
        if event.origin != ACQUIRED or event.method not in self.event_methods:
            return False
        return self.event_type in (None, event.infection_type)


def verdict(
    stay: Stay, period_date: date | None, reasons: Iterable[str], numerator: int
) -> Evidence:
    """Return the evidence of a stay: its reasons sorted, the numerator only when it counts."""
    found = tuple(sorted(set(reasons)))
    return Evidence(
        stay_id=stay.stay_id,
        hospital_id=stay.hospital_id,
        period_date=period_date,
        numerator=None if found else numerator,
        exclusion_reasons=found,
    )
