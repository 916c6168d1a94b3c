"""FHIR dates as the measures need them: a calendar date in a facility's zone, with bounds.

Python knows the years 1 to 9999. An instant so close to their ends that some zone shows it beyond
them is moved inside, and days are counted no further than the ends: a sentinel date such as
9999-12-31 stays a date that can be compared.
"""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

YEAR, MONTH, DAY, INSTANT = "year", "month", "day", "instant"
_PRECISION_BY_LENGTH = {4: YEAR, 7: MONTH, 10: DAY}
# No zone is a whole day from UTC.
_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 12, 30, 23, 59, 59, 999999, tzinfo=UTC)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MONTHS = 12


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A FHIR date: `first` and `last` nominal days, and the `instant` where a time is known."""

    precision: str
    first: date
    last: date
    instant: datetime | None = None

    @property
    def is_full(self) -> bool:
        """Return True if at least the day is known."""
        return self.precision in (DAY, INSTANT)

    def date_in(self, zone: ZoneInfo) -> date:
        """Return the calendar date in a zone; the first possible one when it is vague."""
        return self.first if self.instant is None else self.instant.astimezone(zone).date()

    def bounds_in(self, zone: ZoneInfo) -> tuple[date, date]:
        """Return the earliest and latest calendar date it can mean in a zone."""
        if self.instant is None:
            return self.first, self.last
        day = self.instant.astimezone(zone).date()
        return day, day

    def instant_in(self, zone: ZoneInfo) -> datetime:
        """Return the instant (UTC); a bare date is given as midnight in the facility's zone."""
        if self.instant is not None:
            return self.instant
        return _utc(datetime.combine(self.first, time(), zone))


def _utc(instant: datetime) -> datetime:
    """Return an instant in UTC, moved to where every zone can show its date."""
    try:
        return max(_FIRST, min(_LAST, instant.astimezone(UTC)))
    except OverflowError:
        return _FIRST if instant.year == 1 else _LAST


def instant_of(micros: int) -> datetime:
    """Return the instant that many microseconds after the beginning of 1970 (UTC)."""
    try:
        return _utc(_EPOCH + timedelta(microseconds=micros))
    except OverflowError:
        return _FIRST if micros < 0 else _LAST


def end_of(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which a date ends in a zone."""
    return _utc(datetime.combine(days_after(day, 1), time(), zone))


def days_after(day: date, days: int) -> date:
    """Return the date so many days later, or the last there is."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return date.max


def months_after(first: date, months: int) -> date:
    """Return the first day of the month so many months later, or the last date there is."""
    year, month = divmod(first.year * _MONTHS + first.month - 1 + months, _MONTHS)
    return date(year, month + 1, 1) if year <= date.max.year else date.max


def partial_date(text: str | None) -> PartialDate | None:
    """Read a FHIR date, dateTime or instant; None when absent or malformed.

    Source: FHIR R4 datatypes. Silver has already rejected what must be rejected; what it let
    through with a flag and is no date reads as unknown here.
    """
    if not text:
        return None
    try:
        return _nominal(text) if len(text) in _PRECISION_BY_LENGTH else _instant(text)
    except (ValueError, OverflowError):
        return None


def _nominal(text: str) -> PartialDate:
    precision = _PRECISION_BY_LENGTH[len(text)]
    if precision == DAY:
        day = date.fromisoformat(text)
        return PartialDate(DAY, day, day)
    year = int(text[:4])
    first, last = (1, 12) if precision == YEAR else (int(text[5:]), int(text[5:]))
    end = calendar.monthrange(year, last)[1]
    return PartialDate(precision, date(year, first, 1), date(year, last, end))


def _instant(text: str) -> PartialDate | None:
    # Leap seconds are legal in FHIR and unknown to Python.
    instant = datetime.fromisoformat(text.replace(":60", ":59") if ":60" in text else text)
    if instant.tzinfo is None:
        return None
    instant = _utc(instant)
    day = instant.date()
    return PartialDate(INSTANT, day, day, instant)
