"""Small cells: what is hidden, and that nobody can work it out."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from metriccare.disclosure.suppression import Line, Row, hidden_rows, is_small
from metriccare.measures import BY_ID
from metriccare.measures.published_rows import CodeCount, hidden_of, lines_of
from metriccare.measures.published_rows import _code_row as code_row
from metriccare.measures.published_rows import _row as row_of
from metriccare.measures.results import NO_ESTIMATE, Count, Result, ResultKey, results_of


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


MONTHS = [date(2023, 11, 1), date(2023, 12, 1), date(2024, 1, 1)]
WARDS = {"w1": "h1", "w2": "h1", "w3": "h2"}
stay = st.tuples(
    st.sampled_from(MONTHS),
    st.sampled_from(sorted(WARDS)),
    st.sampled_from(["female", "male"]),
    st.sampled_from(["none", "none", "none", "cdi", "ssi"]),
    st.integers(1, 30),
)


def _counts(stays: list[tuple[date, str, str, str, int]]) -> list[Count]:
    """Finished stays, some with an infection, as three measures would count them."""
    found = []
    for month, ward, sex, kind, weight in stays:
        event = int(kind != "none")
        strata = [
            ("overall", "all"),
            ("hospital", WARDS[ward]),
            ("department", ward),
            ("sex", sex),
        ]
        for type_, value in strata:
            add = (month, type_, value)
            found.append(Count("alos", *add, 4, 4 * weight, weight, 0))
            found.append(Count("infection_stay_share", *add, None, event, weight, 0))
            rate = "infection_hospital_acquired"
            found.append(Count(rate, *add, None, event, 4 * weight, 0))
        if event:
            for measure in ("infection_stay_share", "infection_hospital_acquired"):
                found.append(Count(measure, month, "infection_type", kind, None, 1, 0, 0))
    return found


@settings(max_examples=25, deadline=None)
@given(st.lists(stay, min_size=1, max_size=16))
def test_nothing_hidden_follows_from_all_that_is_published(stays) -> None:  # type: ignore[no-untyped-def]
    results = results_of(_counts(stays), BY_ID, ["cdi", "ssi"])
    totals = {
        r.key.stratum_value: r.numerator
        for r in results
        if r.key[:2] == ("infection_hospital_acquired", "all")
        and r.key.stratum_type == "infection_type"
    }
    codes = [CodeCount("icd", f"{k}1", k, n // 2) for k, n in totals.items()]
    codes += [CodeCount("icd", f"{k}2", k, n - n // 2) for k, n in totals.items()]
    rows = [row_of(r) for r in results] + [code_row(c) for c in codes]
    assert_nothing_follows(rows, lines_of(rows, WARDS))


def test_results_and_codes_are_hidden_together() -> None:
    key = ResultKey("infection_hospital_acquired", "all", None, "infection_type", "ssi")
    result = Result(key, 40, 9000, 0, NO_ESTIMATE, None, None, None, None)
    codes = [CodeCount("icd", "a", "ssi", 4), CodeCount("icd", "b", "ssi", 36)]
    found = hidden_of([result], codes, {})
    assert found.codes == {("icd", "a"), ("icd", "b")}
    assert found.results == frozenset()
