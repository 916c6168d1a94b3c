"""Athena's SQL keeps its meaning on DuckDB where the two differ in silence. No lake is needed."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from metriccare.errors import UsageError
from metriccare.query.duckdb.engine import DuckDbEngine
from metriccare.query.translate.refusals import Refused
from metriccare.settings import Lake
from metriccare.wiring.queries import open_engine

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
    # An instant is UTC, and `AT TIME ZONE` shows it in the zone.
    (
        "cast(timestamp '2024-03-01 04:30' AT TIME ZONE 'America/New_York' AS date)",
        date(2024, 2, 29),
    ),
    ("hour(timestamp '2024-03-01 04:30:00' AT TIME ZONE 'America/New_York')", 23),
    (
        "cast(timestamp '2024-03-01 04:30' AT TIME ZONE 'America/New_York' AS timestamp)",
        datetime(2024, 2, 29, 23, 30),  # noqa: DTZ001
    ),
    ("cast(from_iso8601_timestamp('2024-03-01T23:00:00-05:00') AS date)", date(2024, 3, 1)),
    ("from_unixtime(0)", datetime(1970, 1, 1, tzinfo=UTC)),
    ("current_timestamp IS NOT NULL", True),
    ("now() > timestamp '2024-01-01 00:00:00'", True),
    ("json_extract_scalar('{\"a\":{\"b\":1}}', '$.a')", None),
    ("json_extract_scalar('{\"a\":1.10}', '$.a')", "1.10"),
    ("regexp_extract('abc', 'z')", None),
    ("regexp_replace('a1', '(\\d)', '<$1>')", "a<1>"),
    ("try_cast('12.5' AS integer)", None),
    ("try_cast('1e3' AS integer)", None),
    ("cast(2.5e0 AS integer)", 3),
    ("cast(-2.5e0 AS integer)", -3),
    ("1.0 / 3", Decimal("0.3")),
    ("cast(10 AS decimal(10, 2)) / 3", Decimal("3.33")),
    ("array_max(ARRAY[1, NULL])", None),
    ("cast(1e10 AS varchar)", "1.0E10"),
    ("upper('ß')", "ß"),
    ("greatest(1, NULL)", None),
    ("concat_ws('-', 'a', NULL, 'b')", "a-b"),
    ("1 / 0e0", float("inf")),
    ("date_add('month', 1, date '2024-01-31')", date(2024, 2, 29)),
    ("cast('2024-01-05 10:00' AS timestamp)", datetime(2024, 1, 5, 10)),  # noqa: DTZ001
]
# Trino's values are known, but this engine cannot give them: it says so and gives none.
REFUSED = [
    ("format('%s-%05d', 'a', 5)", "format"),
    ("date '2024-01-03' - date '2024-01-01'", "date_diff"),
    ("approx_distinct(1)", "approx_distinct"),
    ("approx_percentile(1, 0.5)", "approx_percentile"),
    ("regexp_like('a', '(?=a)')", r"begins with \(\?"),
    ("cast(timestamp '2024-03-01 04:30' AT TIME ZONE 'EST' AS date)", "EST"),
    ("nan() > 1e0", "NaN"),
    ("cast(1e300 AS varchar)", "digits"),
    ("json_extract('{}', '$.a')", "JSON as a result"),
    ("cast('x' AS char(3))", "cast to char"),
    ("cast('0x1p3' AS double)", "unusual form"),
    ("upper('ƛ')", "newer than Unicode"),
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


@pytest.mark.parametrize(("expression", "named"), REFUSED)
def test_what_has_not_been_shown_equal_is_refused_by_name(
    engine: DuckDbEngine, expression: str, named: str
) -> None:
    with pytest.raises(Refused, match=named) as caught:
        engine.query(f"select {expression}")
    assert "--anyway" in str(caught.value)


def test_anyway_gives_duckdbs_own_answer(engine: DuckDbEngine) -> None:
    assert engine.query_anyway("select format('{}', 5) as a").rows == (("5",),)
    (row,) = engine.query_anyway("select now() as a, 1 as b").rows
    assert isinstance(row[0], datetime)


def test_anyway_refuses_writes_too(engine: DuckDbEngine) -> None:
    with pytest.raises(UsageError, match="reads"):
        engine.query_anyway("drop table gold.stay")


@pytest.mark.parametrize(
    ("sql", "sentence"),
    [
        ("select * from information_schema.tables", "SHOW TABLES"),
        ('select "$path" from gold.stay', "no hidden column"),
        ("with recursive t(n) as (select 1) select n from t", "WITH RECURSIVE"),
        ("select * from gold.stay tablesample bernoulli (10)", "not answered|Not answered"),
        ("select 1 union select 'a'", "UNION of integer and varchar"),
        ("select n as m from (values 1) as t (n) where m = 1", "no column m"),
    ],
)
def test_a_construct_that_is_not_there_is_named(
    engine: DuckDbEngine, sql: str, sentence: str
) -> None:
    with pytest.raises(UsageError, match=sentence):
        engine.query(sql)


def test_try_does_not_turn_a_refusal_into_null(engine: DuckDbEngine) -> None:
    with pytest.raises(Refused, match="try"):
        engine.query("select try(cast('0x1p3' as double))")


@pytest.mark.parametrize(
    "expression", ["cast(77731 as tinyint)", "77731 * 1000000", "cast('77731x' as integer)"]
)
def test_a_failure_does_not_print_the_value(engine: DuckDbEngine, expression: str) -> None:
    with pytest.raises(UsageError) as caught:
        engine.query(f"select {expression}")
    assert "77731" not in str(caught.value)


@pytest.mark.parametrize(
    ("sql", "named"),
    [
        ("select * from (values 1) a(x) join (values 1) b(x) using (x)", "USING"),
        ("select -x as x from (values 1, 2) t(x) order by x + 0", "new name x"),
        ("select count(*) filter (where true) over () from (values 1) t(x)", "FILTER with OVER"),
    ],
)
def test_a_statement_the_engines_read_differently_is_refused(
    engine: DuckDbEngine, sql: str, named: str
) -> None:
    with pytest.raises(Refused, match=named):
        engine.query(sql)


def test_a_new_name_alone_orders_the_rows(engine: DuckDbEngine) -> None:
    assert engine.query("select -x as x from (values 1, 2) t(x) order by x").rows == ((-2,), (-1,))


def test_division_by_zero_is_an_error_not_infinity(engine: DuckDbEngine) -> None:
    with pytest.raises(UsageError):
        engine.query("select 1 / 0")
