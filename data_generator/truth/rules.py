"""The rules of each measure: which stays count, why others do not, and what happened.

Section numbers refer to the measure specification.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from data_generator.clock import day_to_date
from data_generator.facts import dispositions as codes
from data_generator.facts.diagnoses import Group
from data_generator.story import Precision
from data_generator.truth.events import acquired
from data_generator.truth.view import ADULT_AGE, StayView, StoryView, sampling_key

WINDOW_DAYS = 30
LONGEST_INDEX_STAY = 365

_NOT_AN_INDEX = {
    Group.PSYCHIATRIC: "psychiatric",
    Group.REHABILITATION: "rehabilitation",
    Group.CANCER: "cancer_treatment",
    Group.CHEMOTHERAPY: "cancer_treatment",
}


@dataclass(slots=True)
class Verdict:
    """The result of one measure for one stay."""

    day: int | None  # the day that decides its period
    numerator: int = 0
    reasons: list[str] = field(default_factory=list)

    @property
    def counts(self) -> bool:
        """Return True if the stay is in the denominator."""
        return not self.reasons


def _common(stay: StayView) -> list[str]:
    reasons = [] if stay.stay.acute else ["not_acute"]
    if stay.is_open:
        reasons.append("open_stay")
    return [*reasons, *_not_adult(stay.ages)]


def _not_adult(ages: tuple[int, int] | None) -> list[str]:
    if ages is None or ages[0] < ADULT_AGE <= ages[1]:
        return ["age_indeterminate"]
    return ["under_age"] if ages[1] < ADULT_AGE else []


def _closed_day(stay: StayView) -> int | None:
    return None if stay.is_open else stay.discharge_day


def judge_readmission(view: StoryView, episode: int, index: int) -> Verdict:
    """Judge readmission (section 3): the episode's last stay, and the next acute admission."""
    stays = view.episodes[episode]
    verdict = judge_index(stays[index], moved=index < len(stays) - 1)
    if stays[index].is_open:
        return verdict
    following = readmission_of(view, episode)
    verdict.numerator = int(following is not None and not following.stay.planned)
    return verdict


def judge_index(stay: StayView, *, moved: bool) -> Verdict:
    """Judge whether a stay is an index stay; ``moved`` means a transfer to another hospital."""
    verdict = Verdict(_closed_day(stay), reasons=_common(stay))
    if stay.stay.diagnosis.group in _NOT_AN_INDEX:
        verdict.reasons.append(_NOT_AN_INDEX[stay.stay.diagnosis.group])
    if stay.is_open:
        return verdict
    if stay.died:
        verdict.reasons.append("died")
    if stay.disposition == codes.AGAINST_ADVICE:
        verdict.reasons.append("against_medical_advice")
    if moved or stay.says_transferred_out():
        verdict.reasons.append("transferred_out")
    if stay.discharge_day - stay.admit_day >= LONGEST_INDEX_STAY:
        verdict.reasons.append("stay_too_long")
    if stay.discharge_day + WINDOW_DAYS > stay.as_of:
        verdict.reasons.append("censored")
    return verdict


def readmission_of(view: StoryView, episode: int) -> StayView | None:
    """Return the first acute stay within 30 days of an episode, planned or not."""
    last = view.episodes[episode][-1]
    if last.is_open or episode + 1 >= len(view.episodes):
        return None
    following = view.episodes[episode + 1][0]
    gap = following.admit_day - last.discharge_day
    return following if gap <= WINDOW_DAYS else None


def judge_in_hospital(stay: StayView, followed: bool) -> Verdict:
    """Judge death in hospital (section 4); ``followed`` means a stay at another hospital."""
    verdict = Verdict(_closed_day(stay), int(stay.died), _common(stay))
    if stay.stay.from_hospice:
        verdict.reasons.append("from_hospice")
    if stay.is_open:
        return verdict
    if followed or stay.says_transferred_out():
        verdict.reasons.append("transferred_out")
    if stay.disposition is None and not stay.died:
        verdict.reasons.append("unknown_disposition")
    return verdict


def judge_thirty_days(view: StoryView, episode: int, index: int) -> Verdict:
    """Judge death within 30 days (section 4), before one episode per year is sampled."""
    stays = view.episodes[episode]
    verdict = judge_survival(view, stays[index])
    verdict.day = stays[0].admit_day
    if index > 0:
        verdict.reasons.append("not_first_in_episode")
    return verdict


def judge_survival(view: StoryView, stay: StayView) -> Verdict:
    """Judge death within 30 days of admission, as far as it is known."""
    verdict = Verdict(stay.admit_day, reasons=_common(stay))
    if stay.disposition == codes.AGAINST_ADVICE:
        verdict.reasons.append("against_medical_advice")
    if view.death is not None and view.death.precision is Precision.YES:
        verdict.reasons.append("vital_status_unknown")
    days = view.days_to_death(stay)
    if days is None:
        if stay.admit_day + WINDOW_DAYS > view.as_of:
            verdict.reasons.append("censored")
        return verdict
    early, late = (0 <= day <= WINDOW_DAYS for day in days)
    if early != late:
        verdict.reasons.append("indeterminate_death_date")
    verdict.numerator = int(late)
    return verdict


def sample_one_a_year(view: StoryView, verdicts: list[Verdict]) -> None:
    """Keep one eligible episode per calendar year: the one with the smallest hash."""
    chosen: dict[int, int] = {}
    for index, verdict in enumerate(verdicts):
        if verdict.counts:
            year = day_to_date(view.episodes[index][0].admit_day).year
            rival = chosen.get(year)
            if rival is None or _key(view, index) < _key(view, rival):
                chosen[year] = index
    for index, verdict in enumerate(verdicts):
        if verdict.counts and index not in chosen.values():
            verdict.reasons.append("not_sampled")


def _key(view: StoryView, episode: int) -> str:
    return sampling_key(view.episodes[episode][0].stay_id)


def judge_length(stay: StayView) -> Verdict:
    """Judge length of stay (section 6): every finished acute stay, all ages."""
    verdict = Verdict(_closed_day(stay))
    if not stay.stay.acute:
        verdict.reasons.append("not_acute")
    if stay.is_open:
        verdict.reasons.append("open_stay")
    else:
        verdict.numerator = stay.los_days
    return verdict


def judge_episode(stays: list[StayView], index: int) -> Verdict:
    """Judge length of an episode (section 6), attributed to the hospital of its last stay."""
    stay = stays[index]
    verdict = judge_length(stay)
    if index < len(stays) - 1:
        verdict.reasons.append("transferred_out")
    elif not stay.is_open:
        verdict.numerator = max(1, stay.discharge_day - stays[0].admit_day)
    return verdict


def judge_share(stay: StayView) -> Verdict:
    """Judge whether a finished stay had a hospital-acquired infection (section 5)."""
    verdict = judge_length(stay)
    verdict.numerator = int(bool(acquired(stay)))
    return verdict
