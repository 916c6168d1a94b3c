"""Dates at the ends of time can be compared and counted from, in every zone."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo, available_timezones

import pytest

from metriccare.marts.stays.partial_date import (
    days_after,
    end_of,
    instant_of,
    months_after,
    partial_date,
)
from tests.marts.measures.people import encounter, results

ENDS = (
    "9999-12-31T23:59:59-05:00",
    "9999-12-31T23:59:59.999999+14:00",
    "0001-01-01T00:00:00+14:00",
    "0001-01-01T00:00:00-12:00",
    "9999-12-31",
    "0001-01-01",
    "9999",
    "0001",
    "9999-12",
    "0001-01",
)
ZONES = tuple(ZoneInfo(name) for name in sorted(available_timezones()))


@pytest.mark.parametrize("text", ENDS)
def test_a_date_at_the_end_of_time_has_a_date_and_an_instant_in_every_zone(text):
    found = partial_date(text)
    assert found is not None
    for zone in ZONES:
        assert found.date_in(zone).year in (1, 9999)
        assert found.bounds_in(zone)[0].year in (1, 9999)
        assert found.instant_in(zone).year in (1, 9998, 9999)


def test_an_ordinary_instant_is_what_it_was():
    found = partial_date("2024-03-01T23:30:00-05:00")
    assert found is not None
    assert found.date_in(ZoneInfo("America/New_York")) == date(2024, 3, 1)
    assert found.instant_in(ZoneInfo("UTC")).isoformat() == "2024-03-02T04:30:00+00:00"


@pytest.mark.parametrize("micros", [-(2**63), 2**63 - 1, -62_135_596_800_000_001])
def test_microseconds_beyond_the_calendar_are_its_ends(micros):
    assert instant_of(micros).year in (1, 9999)


def test_days_and_months_are_counted_no_further_than_the_last():
    assert days_after(date.max, 1) == date.max
    assert days_after(date(2024, 2, 28), 2) == date(2024, 3, 1)
    assert months_after(date(9999, 12, 1), 1) == date.max
    assert months_after(date(2024, 12, 1), 1) == date(2025, 1, 1)
    assert months_after(date(2024, 1, 1), 12) == date(2025, 1, 1)
    for zone in ZONES:
        assert end_of(date.max, zone).year == 9999


@pytest.mark.parametrize("as_of", [date.min, date.max, date(2024, 6, 1)])
@pytest.mark.parametrize("text", ENDS)
def test_a_person_with_such_a_date_anywhere_is_computed(text, as_of):
    for start, end in ((text, None), ("2024-01-01", text), (text, text)):
        results(encounter("e1", start, end), as_of=as_of, born=text, died=text)


def test_patient_days_of_a_long_stay_are_counted_by_month():
    found = results(encounter("e1", "1900-01-15", "2024-06-02"), as_of=date(2024, 6, 30))
    nights = (date(2024, 6, 2) - date(1900, 1, 15)).days
    assert sum(day.patient_days for day in found.days) == nights
    assert (found.days[0].patient_days, found.days[1].patient_days) == (17, 28)
