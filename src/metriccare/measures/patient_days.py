"""Patient days by census: one for each date a person lay in hospital at its end.

Source: measure specification, section 6. A same-day stay has one; an open stay runs through
as_of, that date included.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from metriccare.measures.moment import days_after, months_after
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
    first, last = stay.admit_date, stay.discharge_date or days_after(as_of, 1)
    own = stay.department or UNKNOWN_DEPARTMENT
    if last <= first:
        return (_days(stay, own, first.replace(day=1), 1),)
    counts: Counter[tuple[date, str]] = Counter()
    for begin, end in pairwise(_turning_points(stay, own, first, last)):
        lay = location_at_end_of(begin, stay.spells, stay.zone) or own
        for month, days in _days_by_month(begin, end):
            counts[month, lay] += days
    return tuple(_days(stay, place, month, n) for (month, place), n in sorted(counts.items()))


def _turning_points(stay: Stay, own: str, first: date, last: date) -> list[date]:
    """Return the dates between which the person lay in one place, first and last included.

    Days are not looked at one by one: a forgotten encounter has tens of thousands.
    """
    if {spell.location_id for spell in stay.spells} <= {own}:
        return [first, last]
    bounds = [b for s in stay.spells for b in (s.start, s.end) if b is not None]
    named = {day for bound in bounds for day in (bound.date_in(stay.zone), bound.last)}
    # The day after as well: a clock change at midnight may move an instant to it.
    near = {near for day in named for near in (day, days_after(day, 1))}
    return sorted({first, last, *(day for day in near if first < day < last)})


def _days_by_month(begin: date, end: date) -> Iterator[tuple[date, int]]:
    """Yield each month from one date to before another, with its days."""
    while begin < end:
        month = begin.replace(day=1)
        until = min(months_after(month, 1), end)
        yield month, (until - begin).days
        begin = until


def _days(stay: Stay, department: str, month: date, days: int) -> StayDays:
    return StayDays(stay.stay_id, stay.hospital_id, department, month, days)
