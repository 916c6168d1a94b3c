"""FHIR instants as UTC, whatever a sender wrote. Source: FHIR R4 datatypes, instant."""

from __future__ import annotations

import re
from datetime import MAXYEAR, UTC, datetime

_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(tzinfo=UTC)
# `2024-01-02T03:04:05Z`: a shorter text has no seconds or no offset.
_SHORTEST = 20


def instant(text: object) -> datetime | None:
    """Return a FHIR instant as UTC, to the microsecond; None when it is absent or malformed.

    An instant whose offset moves it outside the years 1 to 9999 becomes their first or last
    microsecond: with `9999-12-31T23:59:59-05:00` senders mean "without an end".
    """
    if not isinstance(text, str) or len(text) < _SHORTEST:
        return None
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return _unusual_instant(text)
    return _in_utc(time)


def _unusual_instant(text: str) -> datetime | None:
    """Read what the standard library refuses: a leap second, more digits than microseconds."""
    text = re.sub(r"(T\d{2}:\d{2}):60", r"\1:59", text)
    text = re.sub(r"(\.\d{6})\d+", r"\1", text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return _in_utc(time)


def _in_utc(time: datetime) -> datetime | None:
    if time.tzinfo is None:
        return None
    try:
        return time.astimezone(UTC)
    except OverflowError:
        return _LATEST if time.year == MAXYEAR else _EARLIEST
