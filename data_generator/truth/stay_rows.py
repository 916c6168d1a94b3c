"""The stay rows of the answer key; yielding them also counts the stays in the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from data_generator.clock import day_text
from data_generator.facts import dispositions as codes
from data_generator.fhir.codes import Resource
from data_generator.story import Story
from data_generator.truth.events import LABID_BY_KIND, acquired, infection_rows, labid_events
from data_generator.truth.ledger import LABID_MEASURES, MEASURES, Count, Ledger
from data_generator.truth.rules import (
    Verdict,
    judge_episode,
    judge_in_hospital,
    judge_index,
    judge_length,
    judge_readmission,
    judge_share,
    judge_survival,
    judge_thirty_days,
    readmission_of,
    sample_one_a_year,
)
from data_generator.truth.view import StayView, StoryView

Verdicts = dict[str, Verdict]


def stay_rows(ledger: Ledger, story: Story, as_of: int) -> Iterator[dict[str, Any]]:
    """Yield a row for each inpatient stay, and count the stay in the ledger."""
    for seen in story.by_person(as_of):
        yield from _person_rows(ledger, StoryView(seen, as_of))


def _person_rows(ledger: Ledger, view: StoryView) -> Iterator[dict[str, Any]]:
    sampled = [judge_thirty_days(view, e, 0) for e in range(len(view.episodes))]
    sample_one_a_year(view, sampled)
    for number, stays in enumerate(view.episodes):
        for index, stay in enumerate(stays):
            later = judge_thirty_days(view, number, index) if index else sampled[number]
            verdicts: Verdicts = {
                "readmission_30d": judge_readmission(view, number, index),
                "mortality_in_hospital": judge_in_hospital(stay, index < len(stays) - 1),
                "mortality_30d": later,
                "infection_stay_share": judge_share(stay),
                "alos": judge_length(stay),
                "alos_episode": judge_episode(stays, index),
            }
            _count(ledger, stay, verdicts)
            _count_infections(ledger, view, stay)
            yield _row(view, stay, verdicts) | _links_to_other_stays(view, number, index)
    for stay in view.nonacute:
        verdicts = _verdicts_of_nonacute(view, stay)
        _count(ledger, stay, verdicts)
        yield _row(view, stay, verdicts) | _no_links(stay)


def _verdicts_of_nonacute(view: StoryView, stay: StayView) -> Verdicts:
    """Return verdicts that exclude the stay, dated by discharge (30-day mortality: admission)."""
    verdicts = {measure: replace(judge_length(stay), numerator=0) for measure in MEASURES}
    return verdicts | {
        "readmission_30d": judge_index(stay, moved=False),
        "mortality_in_hospital": judge_in_hospital(stay, followed=False),
        "mortality_30d": judge_survival(view, stay),
    }


def _count(ledger: Ledger, stay: StayView, verdicts: Verdicts) -> None:
    for measure, verdict in verdicts.items():
        if verdict.day is None:
            continue  # an open stay has no date of discharge, so no period
        count = Count(verdict.numerator, 1) if verdict.counts else Count(excluded=1)
        ledger.add(measure, verdict.day, stay.strata, count)


def _count_infections(ledger: Ledger, view: StoryView, stay: StayView) -> None:
    for day, ward in view.patient_days(stay):
        strata = (*stay.strata_but_department, ("department", ward))
        for measure in ("infection_hospital_acquired", *LABID_MEASURES):
            ledger.add(measure, day, strata, Count(denominator=1))
    for event in acquired(stay):
        strata = (*stay.strata, ("infection_type", event.kind.word))
        ledger.add("infection_hospital_acquired", event.onset_day, strata, Count(1))
    for event in labid_events(stay):
        ledger.add(LABID_BY_KIND[event.kind.word], event.onset_day, stay.strata, Count(1))
    if not stay.is_open:
        kinds = {("infection_type", event.kind.word) for event in acquired(stay)}
        ledger.add("infection_stay_share", stay.discharge_day, sorted(kinds), Count(1))


def _row(view: StoryView, stay: StayView, verdicts: Verdicts) -> Resource:
    decided = stay.stay
    closed = not stay.is_open
    return {
        "stay_id": stay.stay_id,
        "encounter_ids": stay.encounter_ids,
        "person_id": view.person_id,
        "hospital_id": stay.hospital_id,
        "department": stay.department,
        "acute": decided.acute,
        "class": decided.encounter_class,
        "admit_date": day_text(stay.admit_day),
        "discharge_date": day_text(stay.discharge_day) if closed else None,
        "is_open": stay.is_open,
        "los_days": stay.los_days if closed else None,
        "age_at_admission": stay.age,
        "age_known": stay.ages is not None and stay.ages[0] == stay.ages[1],
        "sex": view.story.person.sex,
        "payer": stay.payer,
        "principal_diagnosis": decided.diagnosis.icd10,
        "disposition": _disposition_word(stay),
        "died_in_hospital": stay.died,
        "planned": decided.planned,
        "flags": view.flags(stay),
        "infections": infection_rows(stay),
        "measures": {
            measure: {
                "in_denominator": verdict.counts,
                "numerator": verdict.numerator if verdict.counts else None,
                "exclusion_reasons": verdict.reasons,
            }
            for measure, verdict in verdicts.items()
        },
    }


def _disposition_word(stay: StayView) -> str | None:
    return codes.WORDS[stay.disposition] if stay.disposition else None


def _links_to_other_stays(view: StoryView, number: int, index: int) -> Resource:
    stays = view.episodes[number]
    before = readmission_of(view, number - 1) if number and index == 0 else None
    following = readmission_of(view, number) if index == len(stays) - 1 else None
    return {
        "episode_id": stays[0].stay_id,
        "transfer_chain": [stay.stay_id for stay in stays] if len(stays) > 1 else [],
        "readmission_of": view.episodes[number - 1][-1].stay_id if before else None,
        "readmitted_by": following.stay_id if following else None,
    }


def _no_links(stay: StayView) -> Resource:
    return {
        "episode_id": None,
        "transfer_chain": [],
        "readmission_of": None,
        "readmitted_by": None,
    }
