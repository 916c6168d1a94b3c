"""Quality measures: pure rules over one person's history, and the registry of all measures."""

from metriccare.measures.definition import Evidence, Measure, PersonRecord
from metriccare.measures.infection_measures import (
    INFECTION_HOSPITAL_ACQUIRED,
    INFECTION_STAY_SHARE,
)
from metriccare.measures.labid import INFECTION_CDIFF_LABID, INFECTION_MRSA_LABID
from metriccare.measures.length_of_stay import ALOS, ALOS_EPISODE
from metriccare.measures.mortality_30d import MORTALITY_30D
from metriccare.measures.mortality_in_hospital import MORTALITY_IN_HOSPITAL
from metriccare.measures.readmission import READMISSION_30D

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
]
