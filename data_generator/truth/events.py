"""Infection events of a stay, as they stand at the end of one day."""

from __future__ import annotations

from typing import Any

from data_generator.clock import day_text
from data_generator.story import Infection, Mention, Origin, Precision
from data_generator.truth.view import StayView

_EXACT = (Precision.INSTANT, Precision.DAY)


def infections_of(stay: StayView) -> list[Infection]:
    """Infections on record that were not ruled out, each once."""
    return [
        infection
        for infection in stay.stay.infections
        if infection.mention is Mention.EVENT and infection.recorded_minute // 1440 <= stay.as_of
    ]


def acquired(stay: StayView) -> list[Infection]:
    """Hospital-acquired events."""
    return [i for i in infections_of(stay) if i.origin is Origin.HOSPITAL]


def infection_rows(stay: StayView) -> list[dict[str, Any]]:
    """Every mention with its fate, for the stay's row."""
    return [
        {
            "infection_type": infection.kind.word,
            "mention": str(infection.mention),
            "origin": str(infection.origin),
            "onset_date": day_text(infection.onset_day),
            "onset_known": infection.onset_precision in _EXACT,
            "hospital_day": infection.onset_day - stay.admit_day + 1,
            "method": "condition",
            "counts": infection in acquired(stay),
        }
        for infection in stay.stay.infections
        if infection.recorded_minute // 1440 <= stay.as_of
    ]
