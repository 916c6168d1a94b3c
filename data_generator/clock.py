"""Days, minutes and time zones as plain integers.

A *day* is the number of calendar days since 1970-01-01; a *minute* is a local wall-clock minute
since the same date. Stories use the local time of the hospital or home, because every measure
counts local calendar dates.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

MINUTES_PER_DAY = 1440
_EPOCH = date(1970, 1, 1)
_EPOCH_ORDINAL = _EPOCH.toordinal()
_WALL_CLOCK = tuple(f"T{m // 60:02d}:{m % 60:02d}:00" for m in range(MINUTES_PER_DAY))


def day_number(value: date) -> int:
    """Return the days since 1970-01-01."""
    return value.toordinal() - _EPOCH_ORDINAL


@cache
def day_to_date(day: int) -> date:
    """Return the calendar date of a day number."""
    return date.fromordinal(day + _EPOCH_ORDINAL)


@cache
def day_text(day: int) -> str:
    """Return a day number as ``YYYY-MM-DD``."""
    return day_to_date(day).isoformat()


@cache
def month_index(day: int) -> int:
    """Return the months since year 0, so that ``// 12`` is the year."""
    value = day_to_date(day)
    return value.year * 12 + value.month - 1


@cache
def first_day_of_month(index: int) -> int:
    """Return the day number of the first of the month."""
    return day_number(date(index // 12, index % 12 + 1, 1))


@cache
def weekday(day: int) -> int:
    """Return the day of the week; 0 is Monday."""
    return day_to_date(day).weekday()


def day_of(minute: int) -> int:
    """Return the local day of a local minute."""
    return minute // MINUTES_PER_DAY


def at(day: int, hour: int, minute: int = 0) -> int:
    """Return the local minute of a wall-clock time."""
    return day * MINUTES_PER_DAY + hour * 60 + minute


def years_between(birth_day: int, day: int) -> int:
    """Return the completed years of age on ``day``."""
    born, then = day_to_date(birth_day), day_to_date(day)
    return then.year - born.year - ((then.month, then.day) < (born.month, born.day))


def next_weekday(day: int) -> int:
    """Return ``day`` itself, or the Monday after a weekend."""
    return day + 7 - weekday(day) if weekday(day) >= 5 else day


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone as a step function of local minutes: offsets from UTC in minutes."""

    name: str
    changes: tuple[int, ...]
    offsets: tuple[int, ...]
    suffixes: tuple[str, ...]

    def offset(self, minute: int) -> int:
        """Return the minutes to subtract from local time to get UTC."""
        return self.offsets[bisect_right(self.changes, minute)]

    def instant(self, minute: int) -> str:
        """Return a FHIR dateTime with the local offset."""
        day, rest = divmod(minute, MINUTES_PER_DAY)
        return day_text(day) + _WALL_CLOCK[rest] + self.suffixes[bisect_right(self.changes, minute)]

    def utc(self, minute: int) -> int:
        """Return the same instant in UTC minutes."""
        return minute - self.offset(minute)

    def utc_instant(self, minute: int) -> str:
        """Return a FHIR instant in UTC."""
        day, rest = divmod(self.utc(minute), MINUTES_PER_DAY)
        return day_text(day) + _WALL_CLOCK[rest] + "Z"

    def local(self, utc_minute: int) -> int:
        """Return the local minute of a UTC minute."""
        guess = utc_minute + self.offset(utc_minute)
        return utc_minute + self.offset(guess)


def load_zone(name: str, first_year: int, last_year: int) -> Zone:
    """Return the zone ``name`` with its offset changes from the first year through the last."""
    info = ZoneInfo(name)
    first = datetime(first_year, 1, 1, tzinfo=info)
    known = [_offset(first)]
    changes: list[int] = []
    for minute, offset in _offset_changes(first, last_year):
        changes.append(minute)
        known.append(offset)
    suffixes = tuple(_suffix(offset) for offset in known)
    return Zone(name, tuple(changes), tuple(known), suffixes)


def _offset_changes(moment: datetime, last_year: int) -> Iterator[tuple[int, int]]:
    # Python adds to datetimes of one zone by the wall clock, which is what this search needs.
    offset = _offset(moment)
    while moment.year <= last_year:
        tomorrow = moment + timedelta(days=1)
        if _offset(tomorrow) != offset:
            while _offset(moment) == offset:
                moment += timedelta(minutes=1)
            offset = _offset(moment)
            minute = day_number(moment.date()) * MINUTES_PER_DAY + moment.hour * 60 + moment.minute
            yield minute, offset
        moment = tomorrow


def _offset(moment: datetime) -> int:
    delta = moment.utcoffset() or timedelta()
    return int(delta.total_seconds()) // 60


def _suffix(offset: int) -> str:
    sign = "-" if offset < 0 else "+"
    return f"{sign}{abs(offset) // 60:02d}:{abs(offset) % 60:02d}"
