"""Athena's SQL keeps its meaning on DuckDB where the two differ in silence. No lake is needed."""

from datetime import date, datetime

import pytest

from metriccare.errors import UsageError
from metriccare.local.query import DuckDbEngine, open_engine
from metriccare.settings import Lake

# Each is held against a real Trino too, in tests/trino.
EXPRESSIONS: list[tuple[str, object]] = [
    ("7 / 2", 3),
    ("-7 / 2", -3),
    ("7 / 2.0", 3.5),
    ("cast(7 as double) / 2", 3.5),
    ("date_diff('month', date '2024-01-31', date '2024-02-28')", 0),
    ("date_diff('year', date '2023-12-31', date '2024-01-01')", 0),
    ("date_diff('day', date '2024-01-01', date '2024-03-01')", 60),
    (
        "date_diff('day', timestamp '2024-01-01 10:30:00', timestamp '2024-01-02 10:00:00')",
        0,
    ),
    (
        "date_diff('hour', timestamp '2024-01-01 10:30:00', timestamp '2024-01-01 12:00:00')",
        1,
    ),
    ("date_add('day', 30, date '2024-01-01')", date(2024, 1, 31)),
    ("date '2024-01-31' + interval '1' month", date(2024, 2, 29)),
    ("date_trunc('month', date '2024-02-29')", date(2024, 2, 1)),
    ("date_trunc('day', timestamp '2024-02-29 10:00:00')", datetime(2024, 2, 29)),  # noqa: DTZ001
    (
        "date_diff('day', date '2024-01-01', date_add('day', 9 / 2, date '2024-01-01'))",
        4,
    ),
    ("date_format(date '2024-02-29', '%Y-%m')", "2024-02"),
    ("element_at(array[1, 2], 2)", 2),
    ("cardinality(array[1, 2])", 2),
    ("to_iso8601(date '2024-02-29')", "2024-02-29"),
    ("try(1 / 0)", None),
    ("count_if(true)", 1),
]


@pytest.fixture
def engine(new_lake: Lake) -> DuckDbEngine:
    return open_engine(new_lake)


@pytest.mark.parametrize(("expression", "value"), EXPRESSIONS)
def test_an_expression_has_athenas_value(
    engine: DuckDbEngine, expression: str, value: object
) -> None:
    assert engine.query(f"select {expression}").rows == ((value,),)


def test_unnamed_columns_are_called_as_in_athena(engine: DuckDbEngine) -> None:
    assert engine.query("select 1, 2 as two, 1 + 1").columns == ("_col0", "two", "_col2")


def test_the_mean_of_whole_numbers_is_cut_as_in_athena(engine: DuckDbEngine) -> None:
    sql = "select sum(n) / count(*), avg(n) from (values 1, 2) as t (n)"
    assert engine.query(sql).rows == ((1, 1.5),)


def test_nulls_sort_last(engine: DuckDbEngine) -> None:
    sql = "select n from (values 1, null, 2) as t (n) order by n desc"
    assert engine.query(sql).rows == ((2,), (1,), (None,))


def test_what_cannot_be_translated_is_refused_not_guessed(engine: DuckDbEngine) -> None:
    with pytest.raises(UsageError, match="local engine"):
        engine.query("select reduce(array[1, 2], 0, (s, x) -> s + x, s -> s * 10)")


def test_division_by_zero_is_an_error_not_infinity(engine: DuckDbEngine) -> None:
    with pytest.raises(UsageError):
        engine.query("select 1 / 0")
