"""Quality measures: pure rules over one person's history, and the registry of all measures."""

from metriccare.marts.measures.definition import Evidence, Measure, PersonRecord
from metriccare.marts.measures.infection_measures import (
    INFECTION_HOSPITAL_ACQUIRED,
    INFECTION_STAY_SHARE,
)
from metriccare.marts.measures.labid import INFECTION_CDIFF_LABID, INFECTION_MRSA_LABID
from metriccare.marts.measures.length_of_stay import ALOS, ALOS_EPISODE
from metriccare.marts.measures.mortality_30d import MORTALITY_30D
from metriccare.marts.measures.mortality_in_hospital import MORTALITY_IN_HOSPITAL
from metriccare.marts.measures.presentation import Section, Subject
from metriccare.marts.measures.readmission import READMISSION_30D

# In the order in which people read them.
MEASURES: tuple[Measure, ...] = (
    READMISSION_30D,
    MORTALITY_IN_HOSPITAL,
    MORTALITY_30D,
    INFECTION_HOSPITAL_ACQUIRED,
    INFECTION_STAY_SHARE,
    INFECTION_CDIFF_LABID,
    INFECTION_MRSA_LABID,
    ALOS,
    ALOS_EPISODE,
)
BY_ID = {measure.id: measure for measure in MEASURES}
# The one whose events are published by code.
(COUNTED_BY_CODE,) = (measure for measure in MEASURES if measure.by_code)


def subjects() -> tuple[Subject, ...]:
    """Return what the measures are about, each subject once, in the order of the measures."""
    return tuple(dict.fromkeys(measure.subject for measure in MEASURES))


def sections() -> tuple[Section, ...]:
    """Return the sections of the report, each once, in the order of the measures."""
    return tuple(dict.fromkeys(m.section for m in MEASURES if m.section is not None))


def measures_of(shown_by: Subject | Section) -> tuple[Measure, ...]:
    """Return the measures of a subject, or those that a section of the report shows."""
    return tuple(m for m in MEASURES if shown_by in (m.subject, m.section))


def meaning_of_reasons() -> dict[str, str]:
    """Return what each word means that a measure may give for leaving a stay out."""
    return {each.reason: each.meaning for measure in MEASURES for each in measure.exclusions}


__all__ = [
    "BY_ID",
    "COUNTED_BY_CODE",
    "MEASURES",
    "Evidence",
    "Measure",
    "PersonRecord",
    "meaning_of_reasons",
    "measures_of",
    "sections",
    "subjects",
]
