"""Small cells of any table of counts: what is hidden, and that nobody can work it out."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from metriccare.disclosure.suppression import Line, Row, hidden_rows
from tests.disclosure.derivable import assert_nothing_follows


def parts(**counts: int) -> tuple[list[Row], list[Line]]:
    """A table of one line: parts and their total."""
    rows = [Row(name, {name: n}) for name, n in counts.items()]
    rows.append(Row("total", {"total": sum(counts.values())}))
    return rows, [Line("total", tuple(counts))]


def test_0_and_11_are_shown_and_1_and_10_hidden() -> None:
    assert hidden_rows(*parts(a=0, b=1, c=10, d=11)) == {"b", "c"}


def test_a_second_count_is_hidden_where_the_total_would_give_one_away() -> None:
    assert hidden_rows(*parts(a=7, b=93)) == {"a", "b"}
    assert hidden_rows(*parts(a=7, b=33, c=60)) == {"a", "b"}


def test_hidden_counts_together_are_no_small_count() -> None:
    assert hidden_rows(*parts(a=1, b=1, c=40, d=50)) == {"a", "b", "c"}


def test_the_total_is_hidden_when_no_part_is_left() -> None:
    assert hidden_rows(*parts(a=3, b=0, c=0)) >= {"a", "total"}


def test_few_survivors_are_a_small_cell_too() -> None:
    (hidden,) = hidden_rows([Row("a", {"died": 35, "stays": 40}, (5,))], [])
    assert hidden == "a"


def test_the_same_count_in_two_measures_is_hidden_in_both() -> None:
    rows, lines = parts(a=5, b=30, c=65)
    others = [Row(f"other {name}", {name: row.quantities[name]}) for name, row in
              zip("abc", rows, strict=False)]  # fmt: skip
    assert hidden_rows([*rows, *others], lines) == {"a", "b", "other a", "other b"}


def test_the_rows_order_does_not_matter() -> None:
    rows, lines = parts(a=4, b=12, c=12, d=90)
    assert hidden_rows(rows[::-1], lines) == hidden_rows(rows, lines)


count = st.one_of(st.integers(0, 14), st.integers(0, 200))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.lists(count, min_size=3, max_size=3), min_size=2, max_size=5))
def test_no_count_of_a_table_with_both_margins_follows(table: list[list[int]]) -> None:
    cells = {(i, j): n for i, row in enumerate(table) for j, n in enumerate(row)}
    rows = [Row(key, {key: n}) for key, n in cells.items()]
    lines = []
    for i in range(len(table)):
        lines.append(Line(("row", i), tuple(k for k in cells if k[0] == i)))
    for j in range(3):
        lines.append(Line(("column", j), tuple(k for k in cells if k[1] == j)))
    margins = [(line.total, sum(cells[p] for p in line.parts)) for line in lines]
    rows += [Row(key, {key: n}) for key, n in margins]
    rows.append(Row("all", {"all": sum(cells.values())}))
    lines.append(Line("all", tuple(("row", i) for i in range(len(table)))))
    lines.append(Line("all", tuple(("column", j) for j in range(3))))
    assert_nothing_follows(rows, lines)
