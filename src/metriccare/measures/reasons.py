"""Why a stay does not count: the words, what they mean, and the tests measures share."""

from __future__ import annotations

from collections.abc import Mapping

from metriccare.measures.disposition import TRANSFER
from metriccare.measures.episode import Episode
from metriccare.measures.person import ADULT
from metriccare.measures.stay import Stay

MEANING: Mapping[str, str] = {
    "open_stay": "the person is still there",
    "not_acute": "the stay is not acute inpatient care, by class or by the kind of facility",
    "under_age": "younger than 18 on the day of admission",
    "age_indeterminate": "the record does not say whether the person was 18 on that day",
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
    found = [] if stay.is_acute else ["not_acute"]
    if stay.is_open:
        found.append("open_stay")
    if not stay.is_valid:
        found.append("invalid_dates")
    return found


def not_adult(stay: Stay) -> list[str]:
    """Return why the stay is not, or not certainly, an adult's."""
    if stay.ages is None or stay.ages[0] < ADULT <= stay.ages[1]:
        return ["age_indeterminate"]
    return [] if stay.ages[0] >= ADULT else ["under_age"]


def handed_on(stay: Stay, episode: Episode) -> list[str]:
    """Return whether another acute hospital took over, by the next stay or the disposition."""
    followed = episode.last is not stay
    return ["transferred_out"] if followed or stay.disposition == TRANSFER else []
