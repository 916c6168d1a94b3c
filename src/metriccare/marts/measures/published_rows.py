"""Which published numbers are the same number, and which add up: what suppression must know.

Two measures that divide by the same stays publish the same denominators, and an event is counted
by its measure, its type and its code: what one of them hides another must not show.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import NamedTuple

from metriccare.disclosure.numbering import Publication, Quantities
from metriccare.disclosure.suppression import Line
from metriccare.marts.measures import BY_ID, COUNTED_BY_CODE
from metriccare.marts.measures.definition import MEAN, PROPORTION, RATE, Measure
from metriccare.marts.measures.results import Result, ResultKey
from metriccare.marts.periods import ALL, MONTH, QUARTER, YEAR, period_start
from metriccare.tables import keys
from metriccare.tables.strata import (
    DEPARTMENT,
    HOSPITAL,
    INFECTION_TYPE,
    OVERALL,
    STRATA,
    WHOLE,
)

CODE = "code"
_EVENTS = f"{COUNTED_BY_CODE.id} numerator"
_ADDED_STRATA = frozenset((*(stratum.name for stratum in STRATA), INFECTION_TYPE))
# A year is the sum of its quarters, and of its months: a few months of two quarters may hold a
# small count together.
_LONGER = {MONTH: (QUARTER, YEAR), QUARTER: (YEAR,), YEAR: (ALL,)}


class Place(NamedTuple):
    """A period and a stratum."""

    grain: str
    period_start: date | None
    stratum_type: str
    stratum_value: str


class Quantity(NamedTuple):
    """One number as it may be published in several places."""

    name: str
    place: Place


class CodeCount(NamedTuple):
    """Hospital-acquired events of one code, over all time."""

    code_system: str
    code: str
    infection_type: str
    events: int
    display: str | None = None


class Hidden(NamedTuple):
    """What must not be shown: results by their key, and event codes."""

    results: frozenset[ResultKey]
    codes: frozenset[tuple[str, str]]


class LeftOut(NamedTuple):
    """How many more one count is than another that is part of it: never shown, but it adds up.

    Nobody may see it when it is small. Where the total of such numbers is 0 every part is 0: two
    hidden counts are then the same one, which only these numbers show.
    """

    name: str
    key: ResultKey
    stays: int
    whole: Quantity
    part: Quantity


def hidden_of(
    results: Iterable[Result], codes: Iterable[CodeCount], hospital_of: Mapping[str, str]
) -> Hidden:
    """Return what to hide of one tenant; `hospital_of` gives each department's hospital."""
    keys = publication_of(list(results), list(codes), hospital_of).hidden()
    return Hidden(
        frozenset(key for key in keys if isinstance(key, ResultKey)),
        frozenset((key.code_system, key.code) for key in keys if isinstance(key, CodeCount)),
    )


def publication_of(
    results: Sequence[Result], codes: Sequence[CodeCount], hospital_of: Mapping[str, str]
) -> Publication:
    """Return the rows of results and codes, and what follows from them, with their lines."""
    quantities, publication = Quantities(_names(), _places(results, codes)), Publication()
    places = quantities.place_numbers
    listed = sorted(results, key=lambda r: (repr(r.key.measure_id), places[_place(r.key)]))
    left_out = (*differences_of(listed), *complements_of(listed))
    for each in sorted(left_out, key=lambda each: repr(each.name)):
        number = quantities.number(each.name, _place(each.key))
        publication.add(each, {number: each.stays}, published=False)
        whole, part = quantities.number(*each.whole), quantities.number(*each.part)
        publication.lines.append(Line(whole, (part, number)))
    for code in sorted(codes, key=repr):
        publication.add(code, {quantities.number(_EVENTS, _code_place(code)): code.events})
    for result in listed:
        counts = {quantities.number(*q): count for q, count in _counts(result).items()}
        publication.add(result.key, counts, _derived(result))
    shown = {number for row in publication.rows for number in row.quantities}
    publication.lines += quantities.lines(shown, _totals(hospital_of), _NOT_ADDED)
    return publication


def _places(results: Iterable[Result], codes: Iterable[CodeCount]) -> Iterator[Place]:
    for result in results:
        yield _place(result.key)
        yield _denominator(result.key).place
    yield from map(_code_place, codes)


def differences_of(results: Iterable[Result]) -> Iterator[LeftOut]:
    """Yield how many more stays the wider of two measures counts."""
    by_key = {result.key: result for result in results}
    for key, narrow in by_key.items():
        for wide_id in _wider(key.measure_id, is_all_time=key.grain == ALL):
            wide = by_key.get(key._replace(measure_id=wide_id))
            if wide is not None:
                count = wide.denominator - narrow.denominator
                name = _difference(wide_id, key.measure_id)
                yield LeftOut(name, key, count, _denominator(wide.key), _denominator(key))


def complements_of(results: Iterable[Result]) -> Iterator[LeftOut]:
    """Yield how many stays of a proportion are not in its numerator."""
    for result in results:
        measure = BY_ID[result.key.measure_id]
        if measure.shape == PROPORTION:
            count = result.denominator - result.numerator
            whole, part = _denominator(result.key), _numerator(result.key)
            yield LeftOut(_complement_name(measure), result.key, count, whole, part)


@cache
def _wider(measure_id: str, *, is_all_time: bool) -> list[str]:
    """Return the measures that count every stay of a measure, over all time or in every period."""
    links = BY_ID[measure_id].wider()
    wider = (link.measure.id for link in links if is_all_time or not link.all_time_only)
    return list(dict.fromkeys(wider))


def _counts(result: Result) -> dict[Quantity, int]:
    denominator = {_denominator(result.key): result.denominator}
    if BY_ID[result.key.measure_id].shape == MEAN:
        return denominator
    return {_numerator(result.key): result.numerator, **denominator}


def _derived(result: Result) -> tuple[int, ...]:
    is_proportion = BY_ID[result.key.measure_id].shape == PROPORTION
    return (result.denominator - result.numerator,) if is_proportion else ()


def _place(key: ResultKey) -> Place:
    return Place._make(key[1:])


def _numerator(key: ResultKey) -> Quantity:
    return Quantity(_numerator_name(BY_ID[key.measure_id]), _place(key))


def _denominator(key: ResultKey) -> Quantity:
    """Return a result's denominator; every infection type has the whole one."""
    place = _place(key)
    if key.stratum_type == INFECTION_TYPE:
        place = place._replace(stratum_type=OVERALL, stratum_value=WHOLE)
    return Quantity(_denominator_name(BY_ID[key.measure_id]), place)


def _numerator_name(measure: Measure) -> str:
    return f"{measure.id} numerator"


def _denominator_name(measure: Measure) -> str:
    return measure.denominator_name or f"{measure.id} denominator"


def _complement_name(measure: Measure) -> str:
    return f"{measure.id} complement"


def _difference(wide_id: str, narrow_id: str) -> str:
    return f"{wide_id} beyond {narrow_id}"


@cache
def _names() -> frozenset[str]:
    """Return every name of a quantity."""
    named = (_numerator_name, _denominator_name, _complement_name)
    own = (name_of(measure) for measure in BY_ID.values() for name_of in named)
    differences = (
        _difference(wide_id, narrow_id)
        for narrow_id in BY_ID
        for wide_id in _wider(narrow_id, is_all_time=True)
    )
    return frozenset((*own, *differences))


def _code_place(count: CodeCount) -> Place:
    value = keys.joined(count.infection_type, count.code_system, count.code)
    return Place(ALL, None, CODE, value)


# A stay may see infections of two types: stays by type do not add up to the whole.
_NOT_ADDED = frozenset(
    (name, INFECTION_TYPE)
    for measure in BY_ID.values()
    if measure.has_types and measure.shape != RATE
    for name in (_numerator_name(measure), _complement_name(measure))
)


def _totals(
    hospital_of: Mapping[str, str],
) -> Callable[[Place], Iterator[tuple[Place, str]]]:
    """Return the function that yields what a place is part of, each with the kind of line."""

    def totals_of(place: Place) -> Iterator[tuple[Place, str]]:
        grain, start, kind, value = place
        if kind in _ADDED_STRATA:
            yield place._replace(stratum_type=OVERALL, stratum_value=WHOLE), kind
        if kind == DEPARTMENT.name and value in hospital_of:
            hospital = hospital_of[value]
            yield place._replace(stratum_type=HOSPITAL.name, stratum_value=hospital), "ward"
        if kind == CODE:
            own = keys.first_part(value)
            yield place._replace(stratum_type=INFECTION_TYPE, stratum_value=own), CODE
        for longer in _LONGER.get(grain, ()):
            first = period_start(longer, start) if start and longer != ALL else None
            yield place._replace(grain=longer, period_start=first), grain

    return totals_of
