"""Small cells hidden, and with them whatever would let a reader work a hidden count out.

Counts of 1 to 10 are hidden, 0 and 11 and more are shown (CMS cell size policy); a complement of
1 to 10 counts as a cell. Counts add up: strata of a kind to the whole, departments to their
hospital, months to their year, years to all time. Along each such line the hidden cells together
must themselves be no small cell, else another is hidden, and where none is left the total.
Source: measure specification, section 7.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from metriccare.measures.definition import MEAN, PROPORTION, Measure

SMALLEST_SHOWN = 11
_ADDITIVE = ("hospital", "department", "age_band", "sex", "payer", "infection_type")


@dataclass(frozen=True, slots=True)
class CellKey:
    """Which result of one measure: period and stratum."""

    grain: str
    period_start: date | None
    stratum_type: str
    stratum_value: str


@dataclass(frozen=True, slots=True)
class Cell:
    """One result's counts."""

    key: CellKey
    numerator: int
    denominator: int


@dataclass(frozen=True, slots=True)
class Line:
    """Cells that add up to another: a reader who knows all but one knows the last."""

    total: CellKey
    parts: tuple[CellKey, ...]


def is_small(count: int) -> bool:
    """Tell whether a count must be hidden."""
    return 0 < count < SMALLEST_SHOWN


def counts_of(measure: Measure, cell: Cell) -> tuple[int, ...]:
    """Return the counts of a cell that may identify people.

    Of a mean these are the stays, of a rate the events and days, of a proportion also those
    without the outcome.
    """
    if measure.shape == MEAN:
        return (cell.denominator,)
    if measure.shape == PROPORTION:
        return (cell.numerator, cell.denominator, cell.denominator - cell.numerator)
    return (cell.numerator, cell.denominator)


def hidden_cells(
    measure: Measure, cells: Iterable[Cell], hospital_of: Mapping[str, str]
) -> frozenset[CellKey]:
    """Return the cells of one measure to hide; `hospital_of` gives each department's hospital."""
    by_key = {cell.key: cell for cell in cells}
    counts = {key: counts_of(measure, cell) for key, cell in by_key.items()}
    hidden = {key for key, found in counts.items() if any(is_small(n) for n in found)}
    lines = lines_of(by_key, hospital_of)
    waiting = list(lines)
    touching = _lines_by_cell(lines)
    while waiting:
        line = waiting.pop()
        added = _to_hide(line, hidden, counts)
        if added is not None:
            hidden.add(added)
            waiting.extend([line, *touching[added]])
    return frozenset(hidden)


def _lines_by_cell(lines: Iterable[Line]) -> dict[CellKey, list[Line]]:
    found: dict[CellKey, list[Line]] = defaultdict(list)
    for line in lines:
        for key in (line.total, *line.parts):
            found[key].append(line)
    return found


def _to_hide(
    line: Line, hidden: set[CellKey], counts: Mapping[CellKey, tuple[int, ...]]
) -> CellKey | None:
    """Return the next cell to hide along a line, or None when what is hidden stays hidden."""
    gone = [key for key in line.parts if key in hidden]
    if line.total in hidden:
        # The total of shown parts would be known; one of them must go too.
        return None if gone else _smallest(line.parts, hidden, counts)
    if not gone or _is_safe(gone, counts):
        return None
    return _smallest(line.parts, hidden, counts) or line.total


def _is_safe(gone: list[CellKey], counts: Mapping[CellKey, tuple[int, ...]]) -> bool:
    """Tell whether the sum of the hidden cells, which a reader can work out, says nothing."""
    if len(gone) == 1:
        return False
    sums = [sum(column) for column in zip(*(counts[key] for key in gone), strict=True)]
    return not any(is_small(total) for total in sums)


def _smallest(
    parts: Iterable[CellKey],
    hidden: set[CellKey],
    counts: Mapping[CellKey, tuple[int, ...]],
) -> CellKey | None:
    shown = [key for key in parts if key not in hidden and counts[key][0] > 0]
    return min(shown, key=lambda key: (counts[key], _order(key)), default=None)


def _order(key: CellKey) -> tuple[str, str, str, str]:
    return (key.grain, str(key.period_start), key.stratum_type, key.stratum_value)


def lines_of(cells: Mapping[CellKey, Cell], hospital_of: Mapping[str, str]) -> tuple[Line, ...]:
    """Return every line of cells that add up to another."""
    parts: dict[CellKey, list[CellKey]] = defaultdict(list)
    by_department: dict[CellKey, list[CellKey]] = defaultdict(list)
    by_time: dict[CellKey, list[CellKey]] = defaultdict(list)
    for key in sorted(cells, key=_order):
        if key.stratum_type in _ADDITIVE:
            parts[_whole(key)].append(key)
        if key.stratum_type == "department" and key.stratum_value in hospital_of:
            by_department[_hospital(key, hospital_of)].append(key)
        if key.grain != "all":
            by_time[_longer(key)].append(key)
    by_kind = [
        Line(total, tuple(k for k in keys if k.stratum_type == kind))
        for total, keys in parts.items()
        for kind in _ADDITIVE
    ]
    others = [
        Line(total, tuple(keys))
        for grouped in (by_department, by_time)
        for total, keys in grouped.items()
    ]
    return tuple(line for line in (*by_kind, *others) if line.parts and line.total in cells)


def _whole(key: CellKey) -> CellKey:
    return CellKey(key.grain, key.period_start, "overall", "all")


def _hospital(key: CellKey, hospital_of: Mapping[str, str]) -> CellKey:
    return CellKey(key.grain, key.period_start, "hospital", hospital_of[key.stratum_value])


def _longer(key: CellKey) -> CellKey:
    """Return the same stratum over the next longer period."""
    if key.grain == "month" and key.period_start is not None:
        year = key.period_start.replace(month=1)
        return CellKey("year", year, key.stratum_type, key.stratum_value)
    return CellKey("all", None, key.stratum_type, key.stratum_value)
