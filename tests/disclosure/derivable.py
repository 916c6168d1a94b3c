"""What a patient reader works out from everything shown, by exact elimination."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction

from metriccare.disclosure.cell_size import is_small
from metriccare.disclosure.suppression import Line, Row, hidden_rows


def derivable(
    lines: Sequence[Line], known: Mapping[Hashable, int], unknown: Sequence[Hashable]
) -> set[Hashable]:
    """What exact elimination finds, as a patient reader would: every unknown with one solution."""
    place = {q: i for i, q in enumerate(unknown)}
    matrix: list[list[Fraction]] = []
    for line in lines:
        row = [Fraction(0)] * (len(unknown) + 1)
        for sign, quantity in [(1, q) for q in line.parts] + [(-1, line.total)]:
            if quantity in place:
                row[place[quantity]] += sign
            else:
                row[-1] -= sign * known[quantity]
        matrix.append(row)
    pivots: list[int] = []
    for column in range(len(unknown)):
        found = next((i for i in range(len(pivots), len(matrix)) if matrix[i][column]), None)
        if found is None:
            continue
        top = len(pivots)
        matrix[top], matrix[found] = matrix[found], matrix[top]
        matrix[top] = [x / matrix[top][column] for x in matrix[top]]
        for i, row in enumerate(matrix):
            if i != top and row[column]:
                factor = row[column]
                matrix[i] = [a - factor * b for a, b in zip(row, matrix[top], strict=True)]
        pivots.append(column)
    return {
        unknown[column]
        for row, column in zip(matrix, pivots, strict=False)
        if sum(1 for x in row[:-1] if x) == 1
    }


def assert_nothing_follows(rows: Sequence[Row], lines: Sequence[Line]) -> None:
    hidden = hidden_rows(rows, lines)
    counts = {q: n for row in rows for q, n in row.quantities.items()}
    shown = {q for row in rows if row.key not in hidden for q in row.quantities}
    true = [
        line
        for line in lines
        if line.total in counts and sum(counts[p] for p in line.parts) == counts[line.total]
    ]
    unknown = [q for q in counts if q not in shown]
    solved = derivable(true, counts, unknown)
    for row in rows:
        if row.key not in hidden:
            assert not row.is_small
            continue
        open_to_all = [q for q in row.quantities if q in shown or q in solved]
        assert not any(is_small(row.quantities[q]) for q in open_to_all), row
        all_known = len(open_to_all) == len(row.quantities)
        assert not (all_known and any(is_small(n) for n in row.derived)), row
