"""Why a stay does not count: the exclusions that measures share, and what finds them.

An exclusion of one measure only is declared in that measure's file.
"""

from __future__ import annotations

from metriccare.marts.measures.definition import Exclusion
from metriccare.marts.stays.disposition import TRANSFER
from metriccare.marts.stays.episode import Episode
from metriccare.marts.stays.stay import Stay
from metriccare.settings import Ages

OPEN_STAY = Exclusion("open_stay", "the person is still there")
OPEN_STAY_TOO_LONG = Exclusion(
    "open_stay_too_long", "the stay has been open for more than 365 days: nobody closed it"
)
NOT_ACUTE = Exclusion(
    "not_acute", "the stay is not acute inpatient care, by class or by the kind of facility"
)
INVALID_DATES = Exclusion("invalid_dates", "the dates are missing or impossible")
UNDER_AGE = Exclusion(
    "under_age", "younger on the day of admission than the measure counts (18, or as set)"
)
OVER_AGE = Exclusion(
    "over_age", "older on the day of admission than the measure counts, where that is set"
)
AGE_INDETERMINATE = Exclusion(
    "age_indeterminate", "the record does not say whether the person was of the age on that day"
)
AGAINST_MEDICAL_ADVICE = Exclusion(
    "against_medical_advice", "the person left against medical advice"
)
TRANSFERRED_OUT = Exclusion("transferred_out", "another acute hospital took over")
CENSORED = Exclusion("censored", "the 30 days after it are not over by as_of")
# Measures of adults, or of the ages that the settings give.
OF_AGE = (UNDER_AGE, OVER_AGE, AGE_INDETERMINATE)


def basic(stay: Stay) -> list[Exclusion]:
    """Return the exclusions every measure has: open, not acute, impossible dates."""
    return [OPEN_STAY, *_of_record(stay)] if stay.is_open else _of_record(stay)


def _of_record(stay: Stay) -> list[Exclusion]:
    exclusions = [] if stay.is_acute else [NOT_ACUTE]
    if not stay.is_valid:
        exclusions.append(INVALID_DATES)
    return exclusions


def by_patient_days(stay: Stay) -> list[Exclusion]:
    """Return the exclusions of rates per patient day: an open stay counts for up to a year."""
    exclusions = _of_record(stay)
    if stay.is_open_too_long:
        exclusions.append(OPEN_STAY_TOO_LONG)
    return exclusions


def not_of_age(stay: Stay, ages: Ages) -> list[Exclusion]:
    """Return why the stay is not, or not certainly, of a person of the ages the measure counts."""
    if stay.ages is None:
        return [AGE_INDETERMINATE]
    answers = {_outside(age, ages) for age in stay.ages}
    if len(answers) > 1:
        return [AGE_INDETERMINATE]
    return [answer for answer in answers if answer]


def _outside(age: int, ages: Ages) -> Exclusion | None:
    if age < ages.least:
        return UNDER_AGE
    return OVER_AGE if ages.most is not None and age > ages.most else None


def handed_on(stay: Stay, episode: Episode) -> list[Exclusion]:
    """Return whether another acute hospital took over, by the next stay or the disposition."""
    followed = episode.last is not stay
    return [TRANSFERRED_OUT] if followed or stay.disposition == TRANSFER else []
