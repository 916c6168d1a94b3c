"""Why a stay does not count: the words, what they mean, and the tests measures share."""

from __future__ import annotations

from collections.abc import Mapping

from metriccare.measures.disposition import TRANSFER
from metriccare.measures.episode import Episode
from metriccare.measures.stay import Stay
from metriccare.settings import Ages

MEANING: Mapping[str, str] = {
    "open_stay": "the person is still there",
    "open_stay_too_long": "the stay has been open for more than 365 days: nobody closed it",
    "not_acute": "the stay is not acute inpatient care, by class or by the kind of facility",
    "under_age": "younger on the day of admission than the measure counts (18, or as set)",
    "over_age": "older on the day of admission than the measure counts, where that is set",
    "age_indeterminate": "the record does not say whether the person was of the age on that day",
    "died": "the stay ended by death",
    "against_medical_advice": "the person left against medical advice",
    "psychiatric": "the principal diagnosis is psychiatric",
    "rehabilitation": "the principal diagnosis is rehabilitation",
    "cancer_treatment": "medical treatment of cancer",
    "transferred_out": "another acute hospital took over",
    "stay_too_long": "the stay lasted 365 days or more",
    "censored": "the 30 days after it are not over by as_of",
    "invalid_dates": "the dates are missing or impossible",
    "unknown_disposition": "the record does not say how the stay ended",
    "from_hospice": "admitted from hospice",
    "vital_status_unknown": "known to have died, but not when",
    "death_before_admission": "the recorded death lies before the admission",
    "indeterminate_death_date": "the date of death is too vague to decide",
    "not_sampled": "another episode of the person in that year was chosen",
    "not_first_in_episode": "a later stay of an episode",
    "outside_period": "outside the period asked for",
}


def basic(stay: Stay) -> list[str]:
    """Return the reasons every measure has: open, not acute, impossible dates."""
    return ["open_stay", *_of_record(stay)] if stay.is_open else _of_record(stay)


def _of_record(stay: Stay) -> list[str]:
    found = [] if stay.is_acute else ["not_acute"]
    if not stay.is_valid:
        found.append("invalid_dates")
    return found


def by_patient_days(stay: Stay) -> list[str]:
    """Return the reasons of rates per patient day: open stays count, unless open for too long."""
    found = _of_record(stay)
    if stay.is_open_too_long:
        found.append("open_stay_too_long")
    return found


def not_of_age(stay: Stay, wanted: Ages) -> list[str]:
    """Return why the stay is not, or not certainly, of a person of the ages the measure counts."""
    if stay.ages is None:
        return ["age_indeterminate"]
    answers = {_outside(age, wanted) for age in stay.ages}
    if len(answers) > 1:
        return ["age_indeterminate"]
    return [answer for answer in answers if answer]


def _outside(age: int, wanted: Ages) -> str | None:
    if age < wanted.least:
        return "under_age"
    return "over_age" if wanted.most is not None and age > wanted.most else None


def handed_on(stay: Stay, episode: Episode) -> list[str]:
    """Return whether another acute hospital took over, by the next stay or the disposition."""
    followed = episode.last is not stay
    return ["transferred_out"] if followed or stay.disposition == TRANSFER else []
