"""FHIR dates as the measures need them: a calendar date in a facility's zone, with bounds."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

YEAR, MONTH, DAY, INSTANT = "year", "month", "day", "instant"
_PRECISION_BY_LENGTH = {4: YEAR, 7: MONTH, 10: DAY}


@dataclass(frozen=True, slots=True)
class Moment:
    """A FHIR date: `first` and `last` nominal days, and the `instant` where a time is known."""

    precision: str
    first: date
    last: date
    instant: datetime | None = None

    @property
    def is_full(self) -> bool:
        """Tell whether at least the day is known."""
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
            return self.instant.astimezone(UTC)
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=zone).astimezone(
            UTC
        )


def moment(text: str | None) -> Moment | None:
    """Read a FHIR date, dateTime or instant; None when absent or malformed.

    Source: FHIR R4 datatypes. Silver has already rejected what must be rejected; what it let
    through with a flag and is no date reads as unknown here.
    """
    if not text:
        return None
    try:
        return _nominal(text) if len(text) in _PRECISION_BY_LENGTH else _instant(text)
    except ValueError:
        return None


def _nominal(text: str) -> Moment:
    precision = _PRECISION_BY_LENGTH[len(text)]
    if precision == DAY:
        day = date.fromisoformat(text)
        return Moment(DAY, day, day)
    year = int(text[:4])
    first, last = (1, 12) if precision == YEAR else (int(text[5:]), int(text[5:]))
    end = calendar.monthrange(year, last)[1]
    return Moment(precision, date(year, first, 1), date(year, last, end))


def _instant(text: str) -> Moment | None:
    # Leap seconds are legal in FHIR and unknown to Python.
    instant = datetime.fromisoformat(text.replace(":60", ":59") if ":60" in text else text)
    if instant.tzinfo is None:
        return None
    day = instant.astimezone(UTC).date()
    return Moment(INSTANT, day, day, instant)
