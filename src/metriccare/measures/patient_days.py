"""Patient days by census: one for each date a person lay in hospital at its end.

Source: measure specification, section 6. A same-day stay has one; an open stay runs through
as_of, that date included.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from metriccare.measures.placement import UNKNOWN_DEPARTMENT, location_at_end_of
from metriccare.measures.stay import Stay


@dataclass(frozen=True, slots=True)
class StayDays:
    """Patient days of one stay in one department and month (its first day)."""

    stay_id: str
    hospital_id: str | None
    department: str
    month: date
    patient_days: int


def stay_days(stay: Stay, as_of: date) -> tuple[StayDays, ...]:
    """Return the patient days of an acute stay; none of others or with impossible dates."""
    if not (stay.is_acute and stay.is_usable) or stay.admit_date is None:
        return ()
    first, last = stay.admit_date, stay.discharge_date or as_of + timedelta(days=1)
    own = stay.department or UNKNOWN_DEPARTMENT
    if last <= first:
        return (_days(stay, own, first.replace(day=1), 1),)
    counts: Counter[tuple[date, str]] = Counter()
    places = {s.location_id for s in stay.spells}
    for day in (first + timedelta(days=n) for n in range((last - first).days)):
        # One place only: no need to look for it night by night.
        lay = own if places <= {own} else location_at_end_of(day, stay.spells, stay.zone)
        counts[day.replace(day=1), lay or own] += 1
    return tuple(_days(stay, place, month, n) for (month, place), n in sorted(counts.items()))


def _days(stay: Stay, department: str, month: date, days: int) -> StayDays:
    return StayDays(stay.stay_id, stay.hospital_id, department, month, days)
