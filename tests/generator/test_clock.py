from __future__ import annotations

from datetime import date, datetime

import pytest

from data_generator.clock import (
    at,
    day_number,
    day_text,
    load_zone,
    next_weekday,
    weekday,
    years_between,
)

NEW_YORK = load_zone("America/New_York", 2023, 2025)
CHICAGO = load_zone("America/Chicago", 2023, 2025)


@pytest.mark.parametrize(
    ("day", "hour", "text"),
    [
        (date(2024, 3, 10), 1, "2024-03-10T01:30:00-05:00"),
        (date(2024, 3, 10), 3, "2024-03-10T03:30:00-04:00"),
        (date(2024, 11, 3), 0, "2024-11-03T00:30:00-04:00"),
        (date(2024, 11, 3), 2, "2024-11-03T02:30:00-05:00"),
    ],
)
def test_offsets_follow_daylight_saving(day: date, hour: int, text: str) -> None:
    assert NEW_YORK.instant(at(day_number(day), hour, 30)) == text


def test_utc_and_local_are_the_same_instant() -> None:
    for hour in range(0, 24 * 400, 7):
        minute = at(day_number(date(2024, 1, 1)), hour)
        local = datetime.fromisoformat(CHICAGO.instant(minute))
        assert datetime.fromisoformat(CHICAGO.utc_instant(minute)) == local


def test_a_transfer_across_zones_gains_an_hour() -> None:
    left = at(day_number(date(2024, 6, 1)), 12)
    arrived = CHICAGO.local(NEW_YORK.utc(left) + 90)
    assert CHICAGO.instant(arrived) == "2024-06-01T12:30:00-05:00"


def test_age_changes_on_the_birthday() -> None:
    born = day_number(date(1960, 5, 20))
    assert years_between(born, day_number(date(2024, 5, 19))) == 63
    assert years_between(born, day_number(date(2024, 5, 20))) == 64


def test_appointments_wait_for_monday() -> None:
    saturday = day_number(date(2024, 6, 1))
    assert day_text(next_weekday(saturday)) == "2024-06-03"
    assert weekday(next_weekday(saturday + 1)) == 0
