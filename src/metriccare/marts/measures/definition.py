"""What a measure is: its definition for people, and the function that judges stays.

A measure is one file that ends with its `Measure`; the registry in `measures/__init__.py` names
them all. Views, documents, report, suppression and checks are derived from it: a new measure is
one file and its line in the registry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from metriccare.marts.measures.examples import Example
from metriccare.marts.measures.infection_event import ACQUIRED, InfectionEvent
from metriccare.marts.measures.presentation import Section, Subject
from metriccare.marts.stays.death import Death
from metriccare.marts.stays.episode import Episode
from metriccare.marts.stays.planned import NONE
from metriccare.marts.stays.stay import Stay
from metriccare.settings import Ages
from metriccare.statistics.direction import LOWER
from metriccare.tables.strata import INFECTION_TYPE, OVERALL, STRATA, Stratum

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
        """Return True if the stay counts."""
        return not self.exclusion_reasons


Judge = Callable[[PersonRecord], Iterable[Evidence]]


@dataclass(frozen=True)
class Exclusion:
    """Why a stay does not count: the word that evidence carries, and what it means."""

    reason: str
    meaning: str


class LooksAt(StrEnum):
    """What a measure judges a stay by, besides the stay itself: `metriccare explain` shows it."""

    # The recorded death: the outcome is one.
    DEATHS = "deaths"
    # Acute admissions in the 30 days after discharge.
    NEXT_ADMISSIONS = "next_admissions"
    # Conditions, procedures and claims.
    DIAGNOSES = "diagnoses"
    LAB_RESULTS = "lab_results"


@dataclass(frozen=True)
class Within:
    """Says that every stay a measure counts, `measure` counts too, in the same period.

    `all_time_only` where the two place stays in periods by different dates.
    """

    measure: Measure
    all_time_only: bool = False


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
    exclusions: tuple[Exclusion, ...]
    period: str
    source: str
    not_this: str
    shape: str
    judge: Judge
    subject: Subject
    examples: tuple[Example, ...]
    denominator_unit: str = STAYS
    per: int = 1
    strata: tuple[Stratum, ...] = STRATA
    # The difference to a measure that counts more of the same stays is a number of people too.
    counts_within: tuple[Within, ...] = ()
    # Measures that divide by the very same count name it alike.
    denominator_name: str | None = None
    section: Section | None = None
    looks_at: frozenset[LooksAt] = frozenset()
    # Infection measures: the methods of the events they count, and the one type if only one.
    event_methods: tuple[str, ...] = ()
    event_type: str | None = None
    # Its events are published by code too, in publish.infection_code: of one measure only.
    by_code: bool = False
    # Which way a change is good; None where neither is, such as the length of stays.
    better: str | None = LOWER
    # Its name where no record says which admissions were planned.
    all_cause_title: str | None = None

    def title_by(self, method: str | None) -> str:
        """Return its title, honest about how its outcomes were decided."""
        is_all_cause = self.all_cause_title is not None and method == NONE
        return str(self.all_cause_title) if is_all_cause else self.title

    @property
    def reasons(self) -> tuple[str, ...]:
        """Return the words of its exclusions."""
        return tuple(exclusion.reason for exclusion in self.exclusions)

    @property
    def has_types(self) -> bool:
        """Return True if the measure is also given by infection type."""
        return bool(self.event_methods) and self.event_type is None

    @property
    def stratum_types(self) -> tuple[str, ...]:
        """Return every `stratum_type` of its results."""
        types = (INFECTION_TYPE,) if self.has_types else ()
        return (OVERALL, *(stratum.name for stratum in self.strata), *types)

    def counts(self, event: InfectionEvent) -> bool:
        """Return True if the measure counts an event."""
        if event.origin != ACQUIRED or event.method not in self.event_methods:
            return False
        return self.event_type in (None, event.infection_type)

    def wider(self) -> Iterator[Within]:
        """Yield every measure that counts all of its stays: those it names, and theirs in turn."""
        for named in self.counts_within:
            yield named
            for further in named.measure.wider():
                only = named.all_time_only or further.all_time_only
                yield Within(further.measure, all_time_only=only)


def verdict(
    stay: Stay, period_date: date | None, exclusions: Iterable[Exclusion], numerator: int
) -> Evidence:
    """Return the evidence of a stay: its reasons sorted, the numerator only when it counts."""
    reasons = tuple(sorted({exclusion.reason for exclusion in exclusions}))
    return Evidence(
        stay_id=stay.stay_id,
        hospital_id=stay.hospital_id,
        period_date=period_date,
        numerator=None if reasons else numerator,
        exclusion_reasons=reasons,
    )
