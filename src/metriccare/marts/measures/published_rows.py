"""Which published numbers are the same number, and which add up: what suppression must know.

Two measures that divide by the same stays publish the same denominators, and an event is counted
by its measure, its type and its code: what one of them hides another must not show.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from typing import NamedTuple

from metriccare.disclosure.suppression import Line, Row, hidden_rows
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

_STRATA = frozenset(stratum.name for stratum in STRATA)
CODE = "code"


class Quantity(NamedTuple):
    """One number as it may be published in several places."""

    name: str
    grain: str
    period_start: date | None
    stratum_type: str
    stratum_value: str


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


def hidden_of(
    results: Iterable[Result], codes: Iterable[CodeCount], hospital_of: Mapping[str, str]
) -> Hidden:
    """Return what to hide of one tenant; `hospital_of` gives each department's hospital."""
    listed, counted = list(results), list(codes)
    rows = [_row(result) for result in listed] + [_code_row(code) for code in counted]
    left_out = [*differences_of(listed), *complements_of(listed)]
    rows += [each.row for each in left_out]
    found = hidden_rows(rows, [*lines_of(rows, hospital_of), *(each.line for each in left_out)])
    return Hidden(
        frozenset(r.key for r in listed if r.key in found),
        frozenset((c.code_system, c.code) for c in counted if _code_key(c) in found),
    )


class LeftOut(NamedTuple):
    """How many more one count is than another that is part of it: never shown, but it adds up.

    Nobody may see it when it is small. Where the total of such numbers is 0 every part is 0: two
    hidden counts are then the same one, which only these numbers show.
    """

    row: Row
    line: Line


def differences_of(results: Iterable[Result]) -> Iterator[LeftOut]:
    """Yield how many more stays the wider of two measures counts."""
    by_key = {result.key: result for result in results}
    for key, narrow in by_key.items():
        for wide_id in _wider(key.measure_id, is_all_time=key.grain == ALL):
            wide = by_key.get(key._replace(measure_id=wide_id))
            if wide is not None:
                count = wide.denominator - narrow.denominator
                name = f"{wide_id} beyond {key.measure_id}"
                yield _left_out(name, key, count, (_own(wide.key), _own(key)))


def complements_of(results: Iterable[Result]) -> Iterator[LeftOut]:
    """Yield how many stays of a proportion are not in its numerator."""
    for key, numerator, denominator in ((r.key, r.numerator, r.denominator) for r in results):
        measure = BY_ID[key.measure_id]
        if measure.shape == PROPORTION:
            whole_and_part = (_own(key), _numerator(measure, key))
            yield _left_out(_complement(measure), key, denominator - numerator, whole_and_part)


def _left_out(
    name: str, key: ResultKey, count: int, whole_and_part: tuple[Quantity, Quantity]
) -> LeftOut:
    whole, part = whole_and_part
    beyond = Quantity(name, *key[1:])
    return LeftOut(Row((name, key), {beyond: count}, published=False), Line(whole, (part, beyond)))


def _complement(measure: Measure) -> str:
    return f"{measure.id} complement"


@cache
def _wider(measure_id: str, *, is_all_time: bool) -> list[str]:
    """Return the measures that count every stay of a measure, over all time or in every period."""
    links = BY_ID[measure_id].wider()
    wider = (link.measure.id for link in links if is_all_time or not link.all_time_only)
    return list(dict.fromkeys(wider))


def _own(key: ResultKey) -> Quantity:
    return _denominator(BY_ID[key.measure_id], key)


def _row(result: Result) -> Row:
    measure = BY_ID[result.key.measure_id]
    numerator, denominator = result.numerator, result.denominator
    quantities: dict[Hashable, int] = {_denominator(measure, result.key): denominator}
    if measure.shape != MEAN:
        quantities = {_numerator(measure, result.key): numerator, **quantities}
    complement = (denominator - numerator,) if measure.shape == PROPORTION else ()
    return Row(result.key, quantities, complement)


def _numerator(measure: Measure, key: ResultKey) -> Quantity:
    return Quantity(f"{measure.id} numerator", *key[1:])


def _denominator(measure: Measure, key: ResultKey) -> Quantity:
    """Return the name of the denominator; every infection type has the whole one."""
    name = measure.denominator_name or f"{measure.id} denominator"
    if key.stratum_type == INFECTION_TYPE:
        return Quantity(name, key.grain, key.period_start, OVERALL, WHOLE)
    return Quantity(name, *key[1:])


def _code_key(count: CodeCount) -> tuple[str, str, str]:
    return (CODE, count.code_system, count.code)


def _code_row(count: CodeCount) -> Row:
    value = keys.joined(count.infection_type, count.code_system, count.code)
    return Row(_code_key(count), {Quantity(_EVENTS, ALL, None, CODE, value): count.events})


_EVENTS = f"{COUNTED_BY_CODE.id} numerator"
# A stay may see infections of two types: stays by type do not add up to the whole.
_NOT_ADDED = frozenset(
    name
    for m in BY_ID.values()
    if m.has_types and m.shape != RATE
    for name in (f"{m.id} numerator", _complement(m))
)


# A year is the sum of its quarters, and of its months: a few months of two quarters may hold a
# small count together.
_LONGER = {MONTH: (QUARTER, YEAR), QUARTER: (YEAR,)}


def lines_of(rows: Iterable[Row], hospital_of: Mapping[str, str]) -> list[Line]:
    """Return every line of quantities that add up to another."""
    parts: dict[tuple[Quantity, str], set[Quantity]] = defaultdict(set)
    for row in rows:
        for quantity in row.quantities:
            if isinstance(quantity, Quantity):
                for total, kind in _totals(quantity, hospital_of):
                    parts[total, kind].add(quantity)
    return [Line(total, _in_order(found)) for (total, _), found in parts.items()]


def _in_order(parts: Iterable[Quantity]) -> tuple[Quantity, ...]:
    return tuple(sorted(parts, key=_place))


def _place(quantity: Quantity) -> tuple[str, str, str]:
    """Return in what the parts of one line differ."""
    return (str(quantity.period_start), quantity.stratum_type, quantity.stratum_value)


def _totals(quantity: Quantity, hospital_of: Mapping[str, str]) -> Iterator[tuple[Quantity, str]]:
    """Yield the totals a quantity is part of, each with the kind of line."""
    name, grain, start, kind, value = quantity
    typed = kind == INFECTION_TYPE and name not in _NOT_ADDED
    if kind in _STRATA or typed:
        yield Quantity(name, grain, start, OVERALL, WHOLE), kind
    if kind == DEPARTMENT.name and value in hospital_of:
        yield Quantity(name, grain, start, HOSPITAL.name, hospital_of[value]), "ward"
    if kind == CODE:
        own = keys.first_part(value)
        yield Quantity(name, grain, start, INFECTION_TYPE, own), CODE
    for longer in _LONGER.get(grain, ()):
        of_longer = period_start(longer, start) if start else None
        yield Quantity(name, longer, of_longer, kind, value), grain
    if grain == YEAR:
        yield Quantity(name, ALL, None, kind, value), YEAR
