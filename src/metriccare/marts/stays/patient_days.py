"""Patient days by census: one for each date a person lay in hospital at its end.

Source: measure specification, sections 6 and 11. A same-day stay has one; an open stay runs through
as_of, that date included, but one that is open for too long has none: somebody forgot to end it. A
night that falls into two stays of one person in one hospital counts once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import NamedTuple

from metriccare.marts.stays.partial_date import days_after, months_after
from metriccare.marts.stays.stay import Stay
from metriccare.marts.stays.ward_stays import UNKNOWN_DEPARTMENT, location_at_end_of


@dataclass(frozen=True, slots=True)
class StayDays:
    """Patient days of one stay in one department and month (its first day)."""

    stay_id: str
    hospital_id: str | None
    department: str
    month: date
    patient_days: int


class _Nights(NamedTuple):
    """The dates at whose end a person lay somewhere: from `first` to before `end`."""

    first: date
    end: date


def patient_days(stays: Iterable[Stay], as_of: date) -> tuple[StayDays, ...]:
    """Return the patient days of a person's acute stays; none of those with impossible dates."""
    counted = [s for s in stays if s.is_acute and s.is_usable and not s.is_open_too_long]
    return tuple(
        days
        for stay in counted
        for days in _stay_days(stay, as_of, _nights_elsewhere(stay, counted, as_of))
    )


def _nights(stay: Stay, as_of: date) -> _Nights:
    """Return the nights of a stay; of a same-day stay, that date."""
    first = stay.admit_date or as_of
    last = stay.discharge_date or days_after(as_of, 1)
    return _Nights(first, max(last, days_after(first, 1)))


def _nights_elsewhere(stay: Stay, counted: Sequence[Stay], as_of: date) -> tuple[_Nights, ...]:
    """Return the nights that count in a later stay of the hospital, begun before this one ended.

    Like a person on two wards, who counts on the one entered last.
    """
    if len(counted) == 1:
        return ()
    later = (s for s in counted if s.hospital_id == stay.hospital_id and s.order > stay.order)
    return tuple(_nights(s, as_of) for s in later if _begins_inside(s, stay))


def _begins_inside(later: Stay, stay: Stay) -> bool:
    if stay.discharge_date is None or later.admit_date is None:
        return True
    return later.admit_date < stay.discharge_date


def _stay_days(stay: Stay, as_of: date, elsewhere: Sequence[_Nights]) -> tuple[StayDays, ...]:
    own = stay.department or UNKNOWN_DEPARTMENT
    if stay.admit_date is not None and stay.admit_date == stay.discharge_date:
        return (_days(stay, own, stay.admit_date.replace(day=1), 1),)
    counts: Counter[tuple[date, str]] = Counter()
    for begin, end in pairwise(_turning_points(stay, own, _nights(stay, as_of), elsewhere)):
        if any(nights.first <= begin < nights.end for nights in elsewhere):
            continue
        lay = location_at_end_of(begin, stay.ward_stays, stay.zone) or own
        for month, days in _days_by_month(begin, end):
            counts[month, lay] += days
    return tuple(_days(stay, place, month, n) for (month, place), n in sorted(counts.items()))


def _turning_points(
    stay: Stay, own: str, nights: _Nights, elsewhere: Sequence[_Nights]
) -> list[date]:
    """Return the dates between which the person lay in one place, first and last included.

    Days are not looked at one by one: a forgotten encounter has tens of thousands.
    """
    turns = {day for other in elsewhere for day in other}
    if not {ward.location_id for ward in stay.ward_stays} <= {own}:
        bounds = [b for s in stay.ward_stays for b in (s.start, s.end) if b is not None]
        named = {day for bound in bounds for day in (bound.date_in(stay.zone), bound.last)}
        # The day after as well: a clock change at midnight may move an instant to it.
        turns |= {near for day in named for near in (day, days_after(day, 1))}
    return sorted({*nights, *(day for day in turns if nights.first < day < nights.end)})


def _days_by_month(begin: date, end: date) -> Iterator[tuple[date, int]]:
    """Yield each month from one date to before another, with its days."""
    while begin < end:
        month = begin.replace(day=1)
        until = min(months_after(month, 1), end)
        yield month, (until - begin).days
        begin = until


def _days(stay: Stay, department: str, month: date, days: int) -> StayDays:
    return StayDays(stay.stay_id, stay.hospital_id, department, month, days)
