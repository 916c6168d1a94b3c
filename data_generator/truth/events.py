"""Infection events of a stay, as known at the end of one day."""

from __future__ import annotations

from typing import Any

from data_generator.clock import day_of, day_text
from data_generator.facts.hospitals import PresentOnAdmissionStyle
from data_generator.story import Infection, Mention, Origin, Precision, Test
from data_generator.truth.view import StayView

LABID_BY_KIND = {"cdi": "infection_cdiff_labid", "mrsa": "infection_mrsa_labid"}
# Specimens from day 4 of the stay on are attributed to the hospital.
_LABID_DAYS = 3
_EXACT = (Precision.INSTANT, Precision.DAY)


def on_record(stay: StayView) -> list[Infection]:
    """Return the mentions on record by now."""
    sent = _billed(stay) if any(i.mention is Mention.CLAIM for i in stay.stay.infections) else False
    return [
        infection
        for infection in stay.stay.infections
        if (sent if infection.mention is Mention.CLAIM else _recorded(stay, infection))
    ]


def _recorded(stay: StayView, infection: Infection) -> bool:
    return day_of(infection.recorded_minute) <= stay.as_of


def _billed(stay: StayView) -> bool:
    """Return True if the first claim of the stay has been sent."""
    return not stay.is_open and stay.bill.submissions[0].sent <= stay.as_of


def origin_of(stay: StayView, infection: Infection) -> Origin:
    """Return the origin as recorded; some feeds say *present on admission* only on the claim."""
    style = stay.stay.hospital.facts.feed.present_on_admission
    said = style is PresentOnAdmissionStyle.ENCOUNTER
    if infection.origin is Origin.PRESENT and not said and not _billed(stay):
        return Origin.HOSPITAL
    return infection.origin


def acquired(stay: StayView) -> list[Infection]:
    """Return the hospital-acquired events."""
    return [
        infection
        for infection in on_record(stay)
        if infection.mention in (Mention.EVENT, Mention.CLAIM)
        and not infection.refuted(stay.as_of)
        and origin_of(stay, infection) is Origin.HOSPITAL
    ]


def labid_events(stay: StayView) -> list[Infection]:
    """Return the positive specimens from day 4 on, not within 14 days of another."""
    return [
        infection
        for infection in stay.stay.infections
        if infection.test is Test.POSITIVE
        and infection.mention is Mention.EVENT
        and infection.onset_day - stay.stay.first_day >= _LABID_DAYS
        and day_of(infection.reported_minute) <= stay.as_of
    ]


def infection_rows(stay: StayView) -> list[dict[str, Any]]:
    """Return every mention and whether it counts, for the row of the stay."""
    events, tests = acquired(stay), labid_events(stay)
    return [
        {
            "infection_type": infection.kind.word,
            "mention": str(infection.mention),
            "refuted": infection.refuted(stay.as_of),
            "origin": str(origin_of(stay, infection)),
            "event_date": day_text(infection.onset_day),
            "onset_known": infection.onset_precision in _EXACT,
            "hospital_day": infection.onset_day - stay.stay.first_day + 1,
            "method": "claim" if infection.mention is Mention.CLAIM else "condition",
            "counts": any(infection is event for event in events),
            "counts_labid": any(infection is event for event in tests),
        }
        for infection in on_record(stay)
    ]
