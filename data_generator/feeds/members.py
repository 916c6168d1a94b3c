"""Coverages as rows: a person's record number, payer and first day."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.clock import at, day_text
from data_generator.facts.people import BirthPrecision
from data_generator.feeds.text import Row
from data_generator.fhir.chart import Chart
from data_generator.fhir.patients import record_number
from data_generator.revenue.accounts import second_cover
from data_generator.story import PayerPeriod, Precision


def member_rows(chart: Chart, registered_day: int) -> Iterator[Row]:
    """Yield one row for each coverage that has begun."""
    covers = [(period, "P") for period in chart.person.payers]
    second = second_cover(chart.person)
    if second is not None:
        covers.append((second, "S"))
    for period, sequence in covers:
        if period.first <= chart.as_of:
            yield _member(chart, period, sequence, registered_day)


def _member(chart: Chart, period: PayerPeriod, sequence: str, registered_day: int) -> Row:
    person, updated = chart.person, max(registered_day, period.first)
    ended = period.last is not None and period.last <= chart.as_of
    if ended and period.last is not None:
        updated = max(updated, period.last)
    known = person.birth_precision is BirthPrecision.DAY
    died = _death_day(chart)
    values = (
        record_number(chart),
        period.payer.id,
        day_text(period.first),
        chart.patient_id,
        day_text(person.birth_day) if known else "",
        person.sex,
        day_text(died) if died is not None else "",
        person.town.postal_code,
        "",
        day_text(period.last) if ended and period.last is not None else "",
        sequence,
    )
    day = updated if died is None else max(updated, died)
    return Row("members", values, person.home.zone.utc_instant(at(day, 6, 30)))


def _death_day(chart: Chart) -> int | None:
    """Return the day of death where it is known to the day."""
    death = chart.story.death
    if death is None or not chart.known(death.minute):
        return None
    return death.day if death.precision in (Precision.INSTANT, Precision.DAY) else None
