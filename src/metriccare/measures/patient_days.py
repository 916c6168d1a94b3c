"""Patient days by census: one for each date a person lay in hospital at its end.

Source: measure specification, section 6. A same-day stay has one; an open stay runs through
as_of, that date included. An encounter left open for more than a year has none (section 11), and a
night that falls into two stays of one hospital counts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
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


def patient_days(stays: Iterable[Stay], as_of: date) -> tuple[StayDays, ...]:
    """Return the patient days of a person's acute stays; none of those with impossible dates."""
    counted = [s for s in stays if s.is_acute and s.is_usable and not s.is_open_too_long]
    return tuple(
        days
        for stay in counted
        for days in _stay_days(stay, as_of, _nights_elsewhere(stay, counted, as_of))
    )


def _dates(stay: Stay, as_of: date) -> Iterator[date]:
    """Yield the dates at whose end the person lay there; of a same-day stay, that one."""
    first = stay.admit_date or as_of
    last = stay.discharge_date or as_of + timedelta(days=1)
    return (first + timedelta(days=n) for n in range(max(1, (last - first).days)))


def _nights_elsewhere(stay: Stay, counted: Sequence[Stay], as_of: date) -> frozenset[date]:
    """Return the nights that count in a later stay of the hospital, begun before this one ended.

    Like a person on two wards, who counts on the one entered last.
    """
    later = (s for s in counted if s.hospital_id == stay.hospital_id and s.order > stay.order)
    return frozenset(day for s in later if _begins_inside(s, stay) for day in _dates(s, as_of))


def _begins_inside(later: Stay, stay: Stay) -> bool:
    if stay.discharge_date is None or later.admit_date is None:
        return True
    return later.admit_date < stay.discharge_date


def _stay_days(stay: Stay, as_of: date, elsewhere: frozenset[date]) -> tuple[StayDays, ...]:
    own = stay.department or UNKNOWN_DEPARTMENT
    if stay.admit_date is not None and stay.admit_date == stay.discharge_date:
        return (_days(stay, own, stay.admit_date.replace(day=1), 1),)
    counts: Counter[tuple[date, str]] = Counter()
    places = {s.location_id for s in stay.spells}
    for day in _dates(stay, as_of):
        if day in elsewhere:
            continue
        # One place only: no need to look for it night by night.
        lay = own if places <= {own} else location_at_end_of(day, stay.spells, stay.zone)
        counts[day.replace(day=1), lay or own] += 1
    return tuple(_days(stay, place, month, n) for (month, place), n in sorted(counts.items()))


def _days(stay: Stay, department: str, month: date, days: int) -> StayDays:
    return StayDays(stay.stay_id, stay.hospital_id, department, month, days)
