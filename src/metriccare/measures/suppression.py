"""Small cells hidden, and with them whatever would let a reader work a hidden count out.

Counts of 1 to 10 are hidden, 0 and 11 and more are shown (CMS cell size policy); a complement of
1 to 10 counts as a cell. A published row is hidden as a whole. Counts add up along lines (strata
to the whole, wards to their hospital, months to years): what is hidden along a line must not be
one count alone, nor a small count together; and no small count may follow from all lines
together, which is checked by linear algebra (`derivation.py`).
Source: measure specification, section 7.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from metriccare.measures.bounds import Bounds
from metriccare.measures.derivation import determined

SMALLEST_SHOWN = 11


@dataclass(frozen=True, slots=True)
class Row:
    """A published row: its counts by name of the quantity, and those that come from two of them.

    Two rows that name the same quantity publish the same number: either both hide it or neither.
    `derived` are counts a reader gets from the row's own (a complement). A row that is not
    `published` only names a count that others add up to.
    """

    key: Hashable
    quantities: Mapping[Hashable, int]
    derived: tuple[int, ...] = ()
    published: bool = True

    @property
    def is_small(self) -> bool:
        """Tell whether any count of the row must be hidden."""
        return any(is_small(n) for n in (*self.quantities.values(), *self.derived))


@dataclass(frozen=True, slots=True)
class Line:
    """Quantities that add up to another: a reader who knows all but one knows the last."""

    total: Hashable
    parts: tuple[Hashable, ...]


def is_small(count: int) -> bool:
    """Tell whether a count must be hidden."""
    return 0 < count < SMALLEST_SHOWN


def hidden_rows(
    rows: Iterable[Row],
    lines: Iterable[Line],
    at_most: Iterable[tuple[Hashable, Hashable]] = (),
) -> frozenset[Hashable]:
    """Return the keys of the rows to hide. Deterministic: the order of the input is irrelevant.

    `at_most` holds pairs of quantities of which the first is never above the second.
    """
    plan = _Plan(sorted(rows, key=lambda r: str(r.key)), sorted(lines, key=str))
    bounds = Bounds(plan.lines, sorted(at_most, key=str), plan.counts)
    plan.hide(row for row in plan.rows if row.is_small)
    while True:
        plan.mend_lines()
        known = _known(plan, bounds)
        if not known:
            return frozenset(plan.hidden)
        for quantity in known:
            plan.cover(quantity)


def _known(plan: _Plan, bounds: Bounds) -> list[Hashable]:
    """Return the secrets that follow from limits and sums, or from sums and what limits tell."""
    hidden = plan.hidden_quantities()
    told = bounds.pinned(hidden)
    others = set(hidden) - set(told)
    left = [quantity for quantity in hidden if quantity in others]
    found = [quantity for quantity in told if quantity in plan.secrets]
    return found + determined(plan.equations(), left, plan.secrets)


@dataclass
class _Plan:
    """What is hidden so far. Rows only ever go from shown to hidden, so this ends."""

    rows: Sequence[Row]
    lines: Sequence[Line]
    hidden: set[Hashable] = field(default_factory=set)
    secrets: set[Hashable] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Index rows and lines by quantity."""
        self.counts: dict[Hashable, int] = {}
        self.rows_of: dict[Hashable, list[Row]] = defaultdict(list)
        for row in self.rows:
            for quantity, count in row.quantities.items():
                self.counts[quantity] = count
                self.rows_of[quantity].append(row)
        # In how many rows each quantity can still be read.
        self.shown_in = {
            quantity: sum(row.published for row in rows) for quantity, rows in self.rows_of.items()
        }
        # Counts that no row shows and anyone may know.
        self.open = {
            quantity
            for quantity, shown in self.shown_in.items()
            if not shown and not is_small(self.counts[quantity])
        }
        self.lines = [line for line in self.lines if self._adds_up(line)]
        self.lines_of: dict[Hashable, list[Line]] = defaultdict(list)
        for line in self.lines:
            for quantity in (line.total, *line.parts):
                self.lines_of[quantity].append(line)
        self.waiting: list[Line] = list(self.lines)

    def _adds_up(self, line: Line) -> bool:
        """Leave out lines that do not hold here, such as a ward two hospitals share."""
        if line.total not in self.counts or not line.parts:
            return False
        return sum(self.counts[p] for p in line.parts) == self.counts[line.total]

    def hide(self, rows: Iterable[Row]) -> None:
        """Hide rows, and every other row that shows one of their small counts."""
        for row in rows:
            if row.key not in self.hidden:
                self.hidden.add(row.key)
                for quantity in row.quantities:
                    self.shown_in[quantity] -= row.published
                self._guard(row)

    def _guard(self, row: Row) -> None:
        small = [q for q, count in row.quantities.items() if is_small(count)]
        # Of a small complement either of its two counts keeps the secret; the first is guarded.
        guarded = small or ([next(iter(row.quantities))] if row.is_small else [])
        self.secrets.update(guarded)
        for quantity in row.quantities:
            self.waiting.extend(self.lines_of[quantity])

    def is_hidden(self, quantity: Hashable) -> bool:
        """Tell whether no row shows the quantity."""
        return not self.shown_in.get(quantity)

    def hidden_quantities(self) -> list[Hashable]:
        """Return the quantities no row shows."""
        return [q for q in self.counts if self.is_hidden(q)]

    def equations(self) -> list[Line]:
        """Return the lines a reader can use."""
        return list(self.lines)

    def mend_lines(self) -> None:
        """Hide more along every line that gives a hidden count away."""
        while self.waiting:
            line = self.waiting.pop()
            while (quantity := self._to_hide(line)) is not None:
                self.hide(self.rows_of[quantity])

    def _to_hide(self, line: Line) -> Hashable | None:
        gone = [q for q in line.parts if self.is_hidden(q)]
        if gone and all(q in self.open for q in gone):
            return None
        if self.is_hidden(line.total):
            # The total of parts that are all shown would be known.
            return None if gone else self._next(line)
        if not gone or self._is_safe(gone):
            return None
        return self._next(line)

    def _is_safe(self, gone: Sequence[Hashable]) -> bool:
        """Tell whether the sum of the hidden parts, which a reader can work out, says nothing."""
        together = sum(self.counts[q] for q in gone)
        return together == 0 or (len(gone) > 1 and not is_small(together))

    def _next(self, line: Line) -> Hashable | None:
        """Return the smallest count still shown along the line; a zero or the total at last."""
        shown = [q for q in line.parts if not self.is_hidden(q)]
        counted = [q for q in shown if self.counts[q] > 0] or shown
        found = min(counted, key=lambda q: (self.counts[q], str(q)), default=None)
        if found is None and not self.is_hidden(line.total):
            return line.total
        return found

    def cover(self, quantity: Hashable) -> None:
        """Hide something beside a quantity that follows from all lines together.

        Where its own lines show nothing more, it follows through the lines of what they hide. With
        nothing left anywhere there is nothing left to derive it from either.
        """
        reached, nearest = {quantity}, [quantity]
        while nearest:
            lines = [line for q in nearest for line in self.lines_of[q]]
            shown = (self._next(line) for line in lines)
            beside = next((found for found in shown if found is not None), None)
            if beside is not None:
                self.hide(self.rows_of[beside])
                return
            further = dict.fromkeys(q for line in lines for q in (line.total, *line.parts))
            nearest = [q for q in further if q not in reached]
            reached.update(nearest)
        self.secrets.discard(quantity)
