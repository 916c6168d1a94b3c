"""Small cells hidden, and with them whatever would let a reader work a hidden count out.

Counts of 1 to 10 are hidden, 0 and 11 and more are shown (CMS cell size policy); a complement of
1 to 10 counts as a cell. A published row is hidden as a whole. Counts add up along lines (strata
to the whole, wards to their hospital, months to years): what is hidden along a line must not be
one count alone, nor a small count together; and no small count may follow from all lines
together, which is checked by linear algebra (`derivation.py`).
Source: measure specification, section 7.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from metriccare.disclosure.bounds import Bounds
from metriccare.disclosure.cell_size import is_small
from metriccare.disclosure.derivation import Sums, determined


@dataclass(frozen=True, slots=True)
class Row:
    """A published row: its counts by name of the quantity, and those that come from two of them.

    Two rows that name the same quantity publish the same number: either both hide it or neither.
    `derived` are counts a reader gets from the row's own (a complement). A row that is not
    `published` only names a count that others add up to.

    Keys and names are in the order of their texts. A publication of tens of thousands of rows
    numbers them in that order instead (`numbering.py`): all keys, or all names, are then numbers.
    """

    key: Hashable
    quantities: Mapping[Any, int]
    derived: tuple[int, ...] = ()
    published: bool = True

    @property
    def is_small(self) -> bool:
        """Return True if any count of the row must be hidden."""
        return any(map(is_small, self.quantities.values())) or any(map(is_small, self.derived))


@dataclass(frozen=True, slots=True)
class Line:
    """Quantities that add up to another: a reader who knows all but one knows the last."""

    total: Hashable
    parts: tuple[Hashable, ...]


def hidden_rows(
    rows: Iterable[Row],
    lines: Iterable[Line],
    at_most: Iterable[tuple[Hashable, Hashable]] = (),
) -> frozenset[Hashable]:
    """Return the keys of the rows to hide. Deterministic: the order of the input is irrelevant.

    `at_most` holds pairs of quantities of which the first is never above the second.
    """
    plan = _Plan(sorted(rows, key=lambda row: _order(row.key)), lines)
    bounds = Bounds(plan.sums, plan.numbered(at_most), plan.counts)
    plan.hide(number for number, row in enumerate(plan.rows) if row.is_small)
    safe: set[int] = set()
    while True:
        plan.fix_lines()
        known = _known(plan, bounds, safe)
        # The more is hidden, the less follows: what does not follow now never will.
        safe = plan.secrets.difference(known)
        if not known:
            return frozenset(plan.rows[number].key for number in plan.hidden)
        for quantity in known:
            plan.cover(quantity)


def _order(name: Hashable) -> Any:
    """Return what a name or key is sorted by: a number as it is, anything else as text."""
    return name if isinstance(name, int) else str(name)


def _known(plan: _Plan, bounds: Bounds, safe: Collection[int]) -> list[int]:
    """Return the secrets that follow from limits and sums, or from sums and what limits fix.

    `safe` are secrets that are known not to follow.
    """
    hidden = plan.hidden_quantities()
    pinned = bounds.pinned(hidden)
    known = set(pinned)
    left = [quantity for quantity in hidden if quantity not in known]
    found = [quantity for quantity in pinned if quantity in plan.secrets]
    return found + determined(plan.sums, left, plan.secrets.difference(safe))


class _Plan:
    """What is hidden so far. Rows only ever go from shown to hidden, so this ends.

    Rows, lines and quantities are numbers in the order of their names: a publication has some ten
    thousand of each, and names of several parts take several times as long to look up.
    """

    def __init__(self, rows: Sequence[Row], lines: Iterable[Line]) -> None:
        self.rows = rows
        self.hidden: set[int] = set()
        self.secrets: set[int] = set()
        counts = {name: count for row in rows for name, count in row.quantities.items()}
        names = sorted(counts, key=_order)
        self._number = {name: number for number, name in enumerate(names)}
        self.counts = [counts[name] for name in names]
        self._is_small = [is_small(count) for count in self.counts]
        self._in_row = [[self._number[name] for name in row.quantities] for row in rows]
        self._rows_of: list[list[int]] = [[] for _ in names]
        # In how many rows each quantity can still be read.
        self._shown_in = [0] * len(names)
        for place, (row, quantities) in enumerate(zip(rows, self._in_row, strict=True)):
            for quantity in quantities:
                self._rows_of[quantity].append(place)
                self._shown_in[quantity] += row.published
        # Counts that no row shows and anyone may know.
        self._open = [
            not shown and not small
            for shown, small in zip(self._shown_in, self._is_small, strict=True)
        ]
        self._lines = self._that_hold(lines)
        self.sums = Sums.of(self._lines, len(self.counts))
        self._states = [_LineState() for _ in self._lines]
        self._lines_of: list[list[int]] = [[] for _ in self.counts]
        for place, (total, parts) in enumerate(self._lines):
            self._lines_of[total].append(place)
            for quantity in parts:
                self._lines_of[quantity].append(place)
        self._waiting = list(range(len(self._lines)))
        for quantity, shown in enumerate(self._shown_in):
            if not shown:
                self._note_hidden(quantity)

    def numbered(self, pairs: Iterable[tuple[Hashable, Hashable]]) -> list[tuple[int, int]]:
        """Return the pairs whose quantities are both in rows, as numbers."""
        number = self._number
        return [(number[a], number[b]) for a, b in pairs if a in number and b in number]

    def _that_hold(self, lines: Iterable[Line]) -> list[tuple[int, tuple[int, ...]]]:
        """Return the lines with a known total, as numbers, in the order of their names.

        Lines that do not hold here are left out, such as those of a ward two hospitals share.
        """
        number = self._number
        known = sorted(
            (number[line.total], tuple(map(number.__getitem__, line.parts)))
            for line in lines
            if line.total in number and line.parts
        )
        holds = Sums.of(known, len(self.counts)).holding(np.array(self.counts, np.float64))
        return [known[place] for place in np.flatnonzero(holds).tolist()]

    def hide(self, rows: Iterable[int]) -> None:
        """Hide rows, and every other row that shows one of their small counts."""
        for row in rows:
            if row not in self.hidden:
                self.hidden.add(row)
                if self.rows[row].published:
                    for quantity in self._in_row[row]:
                        self._shown_in[quantity] -= 1
                        if not self._shown_in[quantity]:
                            self._note_hidden(quantity)
                self._guard(row)

    def _note_hidden(self, quantity: int) -> None:
        """Bring the lines up to date that hold a quantity no row shows any more."""
        for place in self._lines_of[quantity]:
            state = self._states[place]
            state.is_changed = True
            if quantity == self._lines[place][0]:
                state.is_total_hidden = True
                continue
            state.gone += 1
            state.together += self.counts[quantity]
            state.closed += not self._open[quantity]

    def _guard(self, row: int) -> None:
        quantities = self._in_row[row]
        small = [q for q in quantities if self._is_small[q]]
        # Of a small complement either of its two counts keeps the secret; the first is guarded.
        guarded = small or (quantities[:1] if self.rows[row].is_small else [])
        self.secrets.update(guarded)
        for quantity in quantities:
            for line in self._lines_of[quantity]:
                if self._states[line].is_changed:
                    self._waiting.append(line)

    def hidden_quantities(self) -> list[int]:
        """Return the quantities no row shows."""
        return [quantity for quantity, shown in enumerate(self._shown_in) if not shown]

    def fix_lines(self) -> None:
        """Hide more along every line from which a hidden count could be worked out."""
        while self._waiting:
            line = self._waiting.pop()
            while (quantity := self._to_hide(line)) is not None:
                self.hide(self._rows_of[quantity])
            self._states[line].is_changed = False

    def _to_hide(self, line: int) -> int | None:
        state = self._states[line]
        if not state.is_changed or (state.gone and not state.closed):
            return None
        if state.is_total_hidden:
            # The total of parts that are all shown would be known.
            return None if state.gone else self._next(line)
        if not state.gone or state.is_safe:
            return None
        return self._next(line)

    def _next(self, line: int) -> int | None:
        """Return the smallest count still shown along the line; a zero or the total at last."""
        total, parts = self._lines[line]
        shown = [q for q in parts if self._shown_in[q]]
        counted = [q for q in shown if self.counts[q] > 0] or shown
        found = min(counted, key=lambda q: (self.counts[q], q), default=None)
        return total if found is None and self._shown_in[total] else found

    def cover(self, quantity: int) -> None:
        """Hide something beside a quantity that follows from all lines together.

        Where its own lines show nothing more, it follows through the lines of what they hide. With
        nothing left anywhere there is nothing left to derive it from either.
        """
        reached, nearest = {quantity}, [quantity]
        while nearest:
            lines = [line for q in nearest for line in self._lines_of[q]]
            shown = (self._next(line) for line in lines)
            beside = next((found for found in shown if found is not None), None)
            if beside is not None:
                self.hide(self._rows_of[beside])
                return
            further = dict.fromkeys(
                q for line in lines for q in (self._lines[line][0], *self._lines[line][1])
            )
            nearest = [q for q in further if q not in reached]
            reached.update(nearest)
        self.secrets.discard(quantity)


@dataclass(slots=True)
class _LineState:
    """What is hidden along a line: of its parts how many, how many not `open`, their sum.

    `is_changed` if more is hidden since the line was last looked at.
    """

    is_changed: bool = False
    gone: int = 0
    closed: int = 0
    together: int = 0
    is_total_hidden: bool = False

    @property
    def is_safe(self) -> bool:
        """Return True if the sum of the hidden parts, which a reader can work out, says nothing."""
        return self.together == 0 or (self.gone > 1 and not is_small(self.together))
