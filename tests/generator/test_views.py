"""The answer key from incomplete records: ages from vague births, hospital days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from data_generator import GeneratorConfig
from data_generator.care import simulate_care
from data_generator.clock import at, day_number
from data_generator.facts.hospitals import WardKind
from data_generator.facts.infections import KIND_OF
from data_generator.facts.people import BirthPrecision
from data_generator.fhir.patients import birth_text
from data_generator.people import simulate_person
from data_generator.story import (
    Episode,
    Infection,
    Mention,
    Origin,
    Precision,
    Stay,
    Story,
    WardStay,
)
from data_generator.story import Test as Answer
from data_generator.truth.events import infection_rows, labid_events
from data_generator.truth.rules import judge_in_hospital
from data_generator.truth.view import StayView, StoryView, age_band
from data_generator.world import World, build_world

ADMITTED = day_number(date(2023, 5, 17))
BORN = day_number(date(2005, 5, 17))


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(GeneratorConfig(Path("unused"), seed=4))


@pytest.fixture(scope="module")
def story(world: World) -> Story:
    """Return a person with a plain stay of two nights or more."""
    end = world.start_day + 900
    for number in range(500):
        found = simulate_care(world, simulate_person(world, number), end)
        stays = [s for e in found.episodes for s in e.stays]
        if any(_plain(s) for s in stays):
            return found
    raise AssertionError


def _plain(stay: Stay) -> bool:
    long = stay.discharge_day - stay.admit_day >= 2 and stay.disposition is not None
    return long and len(stay.parts) == 1 and not stay.infections and not stay.from_hospice


def _stay(story: Story, *ward_stays: WardStay) -> Stay:
    found = next(s for e in story.episodes for s in e.stays if _plain(s))
    return replace(found, parts=(replace(found.parts[0], ward_stays=ward_stays, twin_id=None),))


def _on_a_ward(story: Story) -> Stay:
    span = at(ADMITTED, 8), at(ADMITTED + 9, 11)
    return _stay(story, WardStay(WardKind.MEDICINE, *span))


@pytest.mark.parametrize(
    ("born", "precision", "text", "ages", "reason"),
    [
        (BORN, BirthPrecision.DAY, "2005-05-17", (18, 18), None),
        (BORN + 1, BirthPrecision.DAY, "2005-05-18", (17, 17), "under_age"),
        (BORN, BirthPrecision.MONTH, "2005-05", (17, 18), "age_indeterminate"),
        (BORN - 40, BirthPrecision.MONTH, "2005-04", (18, 18), None),
        (BORN, BirthPrecision.YEAR, "2005", (17, 18), "age_indeterminate"),
        (BORN - 400, BirthPrecision.YEAR, "2004", (18, 19), None),
        (BORN + 400, BirthPrecision.YEAR, "2006", (16, 17), "under_age"),
    ],
)
def test_a_vague_birth_leaves_out_only_who_may_be_a_child(
    story: Story,
    born: int,
    precision: BirthPrecision,
    text: str,
    ages: tuple[int, int],
    reason: str | None,
) -> None:
    person = replace(story.person, birth_day=born, birth_precision=precision)
    stay = _on_a_ward(story)
    view = StayView(stay, person, ADMITTED + 60, story.bills[stay.number])
    assert birth_text(person) == text
    assert view.ages == ages
    found = [r for r in judge_in_hospital(view, followed=False).reasons if "age" in r]
    assert found == ([reason] if reason else [])


def test_a_birth_that_registration_filled_in_gives_no_age(story: Story) -> None:
    person = replace(story.person, birth_precision=BirthPrecision.PLACEHOLDER)
    stay = _on_a_ward(story)
    view = StayView(stay, person, ADMITTED + 60, story.bills[stay.number])
    assert birth_text(person) == "1880-01-01"
    assert (view.ages, dict(view.strata)["age_band"]) == (None, "unknown")
    assert "age_indeterminate" in judge_in_hospital(view, followed=False).reasons


def _view_of(story: Story, as_of: int, *stays: Stay) -> StoryView:
    """Return a view of the story with only these stays, each its own episode."""
    numbered = [replace(stay, number=n) for n, stay in enumerate(stays)]
    (bill, *_) = story.bills.values()
    changed = replace(
        story,
        episodes=tuple(Episode((stay,)) for stay in numbered),
        nonacute=(),
        bills=dict.fromkeys(range(len(stays)), bill),
        death=None,
        alias=None,
    )
    return StoryView(changed, as_of)


def _stay_between(story: Story, first: int, last: int, **changes: bool) -> Stay:
    stay = _stay(story, WardStay(WardKind.MEDICINE, at(first, 8), at(last, 11)))
    parts = (replace(stay.parts[0], forgotten=changes.get("forgotten", False)),)
    return replace(stay, parts=parts, hospital_known=changes.get("hospital_known", True))


@pytest.mark.parametrize(
    ("as_of", "days", "flags"), [(365, 366, []), (366, 0, ["open_stay_too_long"])]
)
def test_a_forgotten_stay_fills_a_bed_for_a_year_and_then_none(
    story: Story, as_of: int, days: int, flags: list[str]
) -> None:
    view = _view_of(
        story, ADMITTED + as_of, _stay_between(story, ADMITTED, ADMITTED + 4, forgotten=True)
    )
    ((stay,),) = view.episodes
    assert (stay.is_open, len(view.patient_days(stay))) == (True, days)
    assert [f for f in view.flags(stay) if f != "principal_ambiguous"] == flags


def test_a_patient_day_counts_for_one_stay_of_a_hospital(story: Story) -> None:
    forgotten = _stay_between(story, ADMITTED, ADMITTED + 4, forgotten=True)
    view = _view_of(
        story, ADMITTED + 99, forgotten, _stay_between(story, ADMITTED + 50, ADMITTED + 53)
    )
    stays = [stay for stays in view.episodes for stay in stays]
    assert [len(view.patient_days(stay)) for stay in stays] == [97, 3]


@pytest.mark.parametrize(("gap", "episodes"), [(0, 1), (1, 1), (2, 2)])
@pytest.mark.parametrize(("first", "second"), [(True, False), (False, True), (False, False)])
def test_a_stay_without_a_hospital_may_be_where_the_other_went_on(
    story: Story, gap: int, episodes: int, first: bool, second: bool
) -> None:
    before = _stay_between(story, ADMITTED, ADMITTED + 4, hospital_known=first)
    after = _stay_between(story, ADMITTED + 4 + gap, ADMITTED + 9, hospital_known=second)
    view = _view_of(story, ADMITTED + 99, before, after)
    assert len(view.episodes) == episodes
    (last, *_) = reversed([stay for stays in view.episodes for stay in stays])
    assert ("transfer_assumed" in view.flags(last)) == (episodes == 1)
    assert dict(last.strata)["hospital"] == (
        last.stay.hospital.organization_id if second else "unknown"
    )


def test_a_birth_between_two_age_bands_belongs_to_neither() -> None:
    assert age_band((44, 44)) == "18-44"
    assert age_band((44, 45)) == "unknown"
    assert age_band((45, 46)) == "45-64"


def _infected(story: Story, onset_day: int) -> StayView:
    """Return a stay in the emergency department from 22:00 and on a ward from 03:00."""
    reached = at(ADMITTED + 1, 3)
    stay = _stay(
        story,
        WardStay(WardKind.EMERGENCY, at(ADMITTED, 22), reached),
        WardStay(WardKind.MEDICINE, reached, at(ADMITTED + 9, 11)),
    )
    onset = at(onset_day, 12)
    infection = Infection(
        KIND_OF["cdi"],
        Mention.EVENT,
        Origin.HOSPITAL,
        onset,
        Precision.DAY,
        "A04.72",
        onset + 90,
        Answer.POSITIVE,
    )
    changed = replace(stay, infections=(infection,))
    return StayView(changed, story.person, ADMITTED + 60, story.bills[stay.number])


def test_hospital_days_count_from_the_ward_not_from_the_emergency_department(story: Story) -> None:
    (row,) = infection_rows(_infected(story, ADMITTED + 3))
    assert row["hospital_day"] == 3
    assert labid_events(_infected(story, ADMITTED + 3)) == []
    assert len(labid_events(_infected(story, ADMITTED + 4))) == 1


def test_a_night_in_the_emergency_department_is_a_patient_day_there(story: Story) -> None:
    view = _infected(story, ADMITTED + 3)
    wards = view.stay.hospital.wards
    days = dict(view.days_by_ward())
    assert days[ADMITTED] == wards[WardKind.EMERGENCY]
    assert {days[ADMITTED + n] for n in range(1, 9)} == {wards[WardKind.MEDICINE]}
    assert view.los_days == len(days) == 9
