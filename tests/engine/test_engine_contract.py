"""What every engine does with relations; ENGINES lists those that keep the contract."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.protocol import Changes, Engine, Operation
from metriccare.errors import LeaseLost, SchemaMismatch, UnreadableFile, UsageError
from metriccare.local.folder_store import FolderStore
from metriccare.settings import Lake
from metriccare.sources.fhir.resources import BY_TYPE
from metriccare.tables import Column, bronze
from tests.engine.lakes import EVERY_TYPE, FULL, Row, expected, note, plain, row
from tests.engine.python_rules import (
    LONGEST,
    OUTPUTS,
    PEOPLE,
    TextFile,
    echo,
    lines_of,
    longest,
    refusing,
)

Make = Callable[..., Engine[Any]]


def _duckdb(lake: Lake, check_lease: Callable[[], None] = lambda: None) -> Engine[Any]:
    return DuckDbEngine(FolderStore(lake.folder), check_lease)


def _spark(request: pytest.FixtureRequest) -> Make:
    session = request.getfixturevalue("spark")
    from metriccare.engine.spark.engine import SparkEngine

    return lambda lake, check_lease=lambda: None: SparkEngine(session, lake, check_lease)


ENGINES: dict[str, Callable[[pytest.FixtureRequest], Make]] = {
    "duckdb": lambda _: _duckdb,
    "spark": _spark,
}
MARKED = [pytest.param(n, marks=pytest.mark.spark if n == "spark" else ()) for n in ENGINES]


@pytest.fixture(params=MARKED)
def make(request: pytest.FixtureRequest) -> Make:
    return ENGINES[request.param](request)


@pytest.fixture
def engine(make: Make, lake: Lake) -> Engine[Any]:
    return make(lake)


def given(engine: Engine[Any], rows: list[Row]) -> Any:
    names = EVERY_TYPE.column_names
    return engine.from_rows(EVERY_TYPE.columns, [[r.get(name) for name in names] for r in rows])


def write(engine: Engine[Any], rows: list[Row], run: str, operation=Operation.UPSERT) -> None:
    engine.commit(Changes(EVERY_TYPE, given(engine, rows), operation), note(run))


def read(engine: Engine[Any], tenants=None) -> list[Row]:
    return plain(engine.rows(engine.read(EVERY_TYPE, tenants)), EVERY_TYPE)


def fails(action: Callable[[], object]) -> bool:
    try:
        action()
    except Exception:
        return True
    return False


def value(engine: Engine[Any], sql: str, parameters=None, **relations: Any) -> Any:
    (only,) = engine.rows(engine.sql(f"SELECT {sql} AS x", parameters, **relations))
    return only["x"]


def test_a_table_without_a_commit_has_its_columns_and_no_rows(engine: Engine[Any]):
    assert read(engine) == []
    assert engine.measure(engine.read(EVERY_TYPE), {"n": "count(*)"}) == {"n": 0}
    engine.create(EVERY_TYPE, note("create"))
    assert read(engine) == []


def test_what_is_committed_is_read(engine: Engine[Any]):
    write(engine, [row("k1", **FULL), row("k2"), row("k2", tenant="b")], "run-1", Operation.INSERT)
    write(engine, [row("k2", 2, big=5)], "run-2")
    write(engine, [row("k2", tenant="b")], "run-3", Operation.DELETE)
    assert read(engine) == expected([row("k1", **FULL), row("k2", 2, big=5)])
    assert read(engine, ["b"]) == []


def test_a_step_of_a_run_is_committed_once(engine: Engine[Any]):
    write(engine, [row("k1")], "run-1")
    write(engine, [row("k1", 2), row("k2")], "run-1")
    assert read(engine) == expected([row("k1")])


def test_a_relation_that_was_read_does_not_change_with_later_commits(engine: Engine[Any]):
    write(engine, [row("k1")], "run-1")
    before = engine.read(EVERY_TYPE)
    write(engine, [row("k2")], "run-2")
    assert len(engine.rows(before)) == 1


def test_a_lost_lease_commits_nothing(make: Make, lake: Lake):
    def check_lease() -> None:
        raise LeaseLost("taken over")

    with pytest.raises(LeaseLost):
        write(make(lake, check_lease), [row("k1")], "run-1")
    assert read(make(lake)) == []


def test_rows_of_other_types_are_refused(engine: Engine[Any]):
    odd = engine.from_rows([Column("tenant", "string", ""), Column("big", "int", "")], [["a", 1]])
    with pytest.raises(SchemaMismatch, match="big"):
        engine.commit(Changes(EVERY_TYPE, odd, Operation.INSERT), note("run-1"))


def test_a_model_reads_named_relations_and_bound_parameters(engine: Engine[Any]):
    stays = engine.from_rows(
        [Column("person", "string", ""), Column("days", "int", "")], [["p", 3], ["q", 5], ["p", 4]]
    )
    names = engine.from_rows(
        [Column("person", "string", ""), Column("name", "string", "")], [["p", "'"]]
    )
    model = """
        with long_stays as (select person, days from stays where days >= :least)
        select n.name, sum(l.days) as days, :day as day
        from long_stays l join names n on n.person = l.person and n.name = :name
        group by n.name
    """
    parameters = {"least": 4, "name": "'", "day": dt.date(1, 1, 1)}
    rows = engine.rows(engine.sql(model, parameters, stays=stays, names=names))
    assert rows == [{"name": "'", "days": 4, "day": dt.date(1, 1, 1)}]


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        ("select * from stays", "reads stays, which is not given"),
        ("select * from other.t", "not given"),
        ("select :x", "parameter :x is not given"),
        ("with t as (select 1) select * from t", "hides the relation t"),
        ("drop table t", "one SELECT"),
        ("select 1; select 2", "one SELECT"),
        ("select from where", "not understood"),
    ],
)
def test_a_model_that_asks_for_more_is_refused(engine: Engine[Any], model: str, sentence: str):
    relation = engine.from_rows([Column("a", "int", "")], [[1]])
    with pytest.raises(UsageError, match=sentence):
        engine.sql(model, t=relation)


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("select soundex(id) as id from t", r"soundex\(\)"),
        ("select big % 2 as x from t", "Mod"),
        ("select cast(id as binary) as x from t", "cast as BINARY"),
    ],
)
def test_a_model_with_an_unlisted_function_is_refused_and_nothing_is_written(
    engine: Engine[Any], model: str, words: str
):
    rows = given(engine, [row("k1", big=1)])
    with pytest.raises(UsageError, match=rf"^The model uses {words}: not listed as equal on both"):
        engine.commit(Changes(EVERY_TYPE, engine.sql(model, t=rows), Operation.INSERT), note("r"))
    with pytest.raises(UsageError, match="soundex"):
        engine.measure(rows, {"x": "max(soundex(id))"})
    assert engine.commits(EVERY_TYPE) == []


@pytest.mark.parametrize(
    "bound",
    ["x", "it's", "", -5, 2**62, True, None, Decimal("1.50"), dt.date(9999, 12, 31)],
)
def test_a_parameter_is_returned_unchanged(engine: Engine[Any], bound: object):
    assert value(engine, ":x", {"x": bound}) == bound


def test_a_list_is_a_parameter(engine: Engine[Any]):
    assert value(engine, "array_contains(:x, 'b')", {"x": ["a", "b"]}) is True
    assert value(engine, "size(:x)", {"x": []}) == 0


@pytest.mark.parametrize(
    ("given", "found", "not_found"),
    [((), [], ["a", "b)"]), (("a",), ["a"], ["b)"]), (("b)", "c"), ["b)"], ["a"])],
)
def test_an_element_is_looked_for_in_a_given_list(engine: Engine[Any], given, found, not_found):
    names = engine.from_rows([Column("name", "string", "")], [("a",), ("b)",), (None,)])
    test = "array_contains(:list, concat(name, ''))"
    for condition, wanted in ((test, found), (f"not {test}", not_found)):
        model = f"select name from names where {condition} order by name"
        rows = engine.rows(engine.sql(model, {"list": given}, names=names))
        assert [row["name"] for row in rows] == wanted


EXPRESSIONS: dict[str, object] = {
    "get(array(1, 2), 0)": 1,
    "get(array(1, 2), 2)": None,
    "get(cast(null as array<int>), 0)": None,
    "transform(array(array(1), array(2)), a -> get(a, 0))": [1, 2],
    "cast('no date' as date)": None,
    "cast('2024-02-30' as date)": None,
    "cast('1' as int)": 1,
    "cast('2024-01-01T10:00:00-05:00' as timestamp)": dt.datetime.fromisoformat(
        "2024-01-01T15:00:00"
    ),
    "cast('2024-01-01' as timestamp)": dt.datetime.fromisoformat("2024-01-01T00:00:00"),
    "date_add(date'2024-02-28', 2)": dt.date(2024, 3, 1),
    "coalesce(null, 'a')": "a",
    "'a' || null": None,
    "nullif(regexp_extract('ab12', '([0-9]+)', 1), '')": "12",
    "nullif(regexp_extract('ab', '([0-9]+)', 1), '')": None,
    "'2024-01' rlike r'^[0-9]{4}-(0[1-9]|1[0-2])$'": True,
    "from_json('{\"a\": {\"b\": [1, 2]}}', 'STRUCT<a:STRUCT<b:ARRAY<INT>>>').a.b": [1, 2],
    "from_json('{\"a\": [8284.45, 1e2]}', 'STRUCT<a:ARRAY<DECIMAL(38,12)>>').a": [
        Decimal("8284.45"),
        Decimal(100),
    ],
    "from_json('{\"a\": 1e40, \"b\": 1}', 'STRUCT<a:DECIMAL(38,12),b:INT>')": {"a": None, "b": 1},
    "array_distinct(array(3, 1, null, 3, null, 2, 1))": [3, 1, None, 2],
    "exists(array(1, null), x -> x = 1)": True,
    "exists(array(2, null), x -> x = 1)": None,
    "exists(array(2, 3), x -> x = 1)": False,
    "exists(cast(array() as array<int>), x -> x = 1)": False,
    "exists(cast(null as array<int>), x -> x = 1)": None,
    "size(cast(null as array<int>))": -1,
    "array_contains(array('a', null), 'b')": None,
    "array_join(cast(array(null) as array<string>), ',')": "",
    "flatten(array(array(1), null))": None,
    "get(array(1, 2), -2)": None,
    "trim('\u00a0 x ')": "\u00a0 x",
    "trunc(date'2024-02-29', 'month')": dt.date(2024, 2, 1),
    "'2024\n' rlike '^[0-9]{4}$'": True,
    "regexp_replace('10+05\n', '[+-][0-9:]+$', 'Z')": "10Z\n",
    "from_json('no json', 'STRUCT<a:INT>').a": None,
    "size(from_json('[IMP]', 'ARRAY<STRING>')) > 0": False,
    "exists(array(1, 2), e -> e > 1)": True,
    "exists(array(1, null), e -> e > 1)": None,
    "exists(cast(array() as array<int>), e -> e > 1)": False,
    "exists(cast(null as array<int>), e -> e > 1)": None,
    "upper('Stra\u00dfe \ufb01')": "STRASSE FI",
    "lower('\u039f\u0394\u039f\u03a3 \u0130')": "\u03bf\u03b4\u03bf\u03c3 i\u0307",
    "left('ab', length('') - 1)": "",
    "sort_array(array('b', null, 'a'))": [None, "a", "b"],
    # Spark's own examples, and its rule for the last days of months.
    "months_between(timestamp'1997-02-28 10:30:00', timestamp'1996-10-30')": 3.94959677,
    "months_between(timestamp'2024-02-29 10:00:00', timestamp'2023-01-31')": 13.0,
    "months_between(timestamp'2024-03-15 23:00:00', timestamp'2020-03-15')": 48.0,
    "months_between(timestamp'2024-03-14 23:00:00', timestamp'2020-03-15') < 48": True,
    'get(from_json(\'{"a": [{"b": "x"}]}\', \'STRUCT<a:ARRAY<STRUCT<b:STRING>>>\').a, 0).b': "x",
}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_has_sparks_value(engine: Engine[Any], expression: str):
    assert value(engine, expression) == EXPRESSIONS[expression]


SHAPES: dict[str, bool] = {
    '{"active": true, "link": [{"other": {"reference": "Patient/2"}}, null]}': False,
    '{"active": true, "unknown": {"a": [1, {"b": 1e400}]}}': False,
    '{"link": "Patient/2"}': True,
    '{"link": [[]]}': True,
    '{"link": ""}': True,
    '{"multipleBirthInteger": 1e40, "name": {"family": "x"}}': True,
}


def test_resources_are_parsed_and_what_does_not_fit_the_shape_is_marked(engine: Engine[Any]):
    names = ("tenant", "resource_type", "deleted", "raw", "record_key", "resource_id")
    columns = [bronze.RESOURCE.column(name) for name in names]
    given = engine.from_rows(
        columns,
        [["a", "Patient", n == 0, raw, str(n), str(n)] for n, raw in enumerate(["[]", *SHAPES])],
    )
    nulls = ", ".join(
        f"cast(null as {c.type}) as {c.name}"
        for c in bronze.RESOURCE.columns
        if c.name not in names
    )
    rows = engine.sql(f"select *, {nulls} from given", given=given)
    parsed = engine.rows(engine.parse(rows, BY_TYPE["Patient"]))
    assert {row["id"]: row["is_misshapen"] for row in parsed} == {
        "0": False,
        **{str(n): wrong for n, wrong in enumerate(SHAPES.values(), 1)},
    }


def test_structs_are_sorted_field_by_field_with_null_first(engine: Engine[Any]):
    rows = [row("k1", big=None, id="b"), row("k2", big=2, id=None), row("k3", big=1, id="b")]
    model = "select sort_array(collect_list(named_struct('p', id, 'q', big))) as x from t"
    (only,) = engine.rows(engine.sql(model, t=given(engine, rows)))
    assert only["x"] == [{"p": None, "q": 2}, {"p": "b", "q": None}, {"p": "b", "q": 1}]


def test_a_materialized_relation_does_not_need_what_it_was_made_from(engine: Engine[Any]):
    source = engine.materialize(given(engine, [row("k1")]))
    derived = engine.sql("select id from t", t=source)
    once = engine.materialize(derived)
    engine.release(source)
    assert engine.rows(once) == [{"id": "k1"}]
    assert fails(lambda: engine.rows(derived)), "the source is gone"
    engine.release(once)


def test_aggregates_are_measured_in_one_pass(engine: Engine[Any]):
    relation = given(engine, [row("k1", big=1), row("k2", big=2), row("k3")])
    sums = {"n": "count(*)", "sum": "sum(big)", "odd": "count_if(big = 1)", "top": "max(id)"}
    assert engine.measure(relation, sums) == {"n": 3, "sum": 3, "odd": 1, "top": "k3"}


def test_aggregates_of_no_rows(engine: Engine[Any]):
    sums = {"n": "count_if(big > 1)", "ids": "size(collect_list(id))", "sum": "sum(big)"}
    assert engine.measure(given(engine, []), sums) == {"n": 0, "ids": 0, "sum": None}


def test_marked_rows_are_removed_by_an_upsert(engine: Engine[Any]):
    marker = Column("_hoodie_is_deleted", "boolean", "")
    for run, rows in (
        ("run-1", [row("k1", big=1), row("k2", big=2)]),
        ("run-2", [row("k1", 2, big=3), row("k2", 2, _hoodie_is_deleted=True)]),
    ):
        names = (*EVERY_TYPE.column_names, marker.name)
        values = [[{marker.name: False, **each}.get(name) for name in names] for each in rows]
        marked = engine.from_rows([*EVERY_TYPE.columns, marker], values)
        engine.commit(Changes(EVERY_TYPE, marked, Operation.UPSERT), note(run))
    assert read(engine) == expected([row("k1", 2, big=3)])


def test_a_deletion_needs_tenant_and_key_only(engine: Engine[Any]):
    write(engine, [row("k1"), row("k2")], "run-1")
    keys = engine.sql("select record_key, tenant from t where id = 'k1'", t=engine.read(EVERY_TYPE))
    engine.commit(Changes(EVERY_TYPE, keys, Operation.DELETE), note("run-2"))
    assert read(engine) == expected([row("k2")])


def test_a_python_rule_sees_one_person_at_a_time(engine: Engine[Any]):
    people = engine.from_rows(PEOPLE, [["p", [3, 5]], ["q", []], ["r", None], ["s", [1, None]]])
    made = engine.map_people(people, longest, OUTPUTS)
    found = {(each["person_id"], each["longest"]) for each in engine.rows(made["longest"])}
    assert found == {("p", 5), ("s", 1)}
    assert {each["person_id"] for each in engine.rows(made["nothing"])} == {"q", "r"}


def test_rows_can_be_sorted_within_a_partition(engine: Engine[Any]):
    rows = engine.from_rows(LONGEST, [["b", 2, None], [None, 1, None], ["a", 1, None]])
    for model in ("select * from x sort by longest desc, person_id", "(select * from x sort by 1)"):
        found = [each["person_id"] for each in engine.rows(engine.sql(model, x=rows))]
        assert found in (["b", None, "a"], [None, "a", "b"])


def test_a_rule_that_makes_nothing_makes_an_empty_relation(engine: Engine[Any]):
    people = engine.from_rows(PEOPLE, [])
    result = engine.map_people(people, longest, OUTPUTS)["longest"]
    assert engine.measure(result, {"n": "count(*)", "x": "max(x)"}) == {"n": 0, "x": None}


def test_many_people_are_mapped_each_once(engine: Engine[Any]):
    many = engine.from_rows(PEOPLE, ([str(number), [1]] for number in range(25_000)))
    result = engine.map_people(many, longest, OUTPUTS)["longest"]
    sums = {"n": "count(*)", "people": "count(distinct person_id)", "days": "sum(longest)"}
    assert engine.measure(result, sums) == {"n": 25_000, "people": 25_000, "days": 25_000}


@pytest.mark.parametrize("size", [10, 2**30])
def test_files_are_read_by_a_function(engine: Engine[Any], tmp_path: Path, size: int):
    parts = []
    for name in ("one", "two"):
        (tmp_path / name).write_text(f"{name}-1\n{name}-2\n")
        parts.append(TextFile(str(tmp_path / name), size))
    relation, counts = engine.read_files(parts, lines_of, LONGEST)
    rows = [each["person_id"] for each in engine.rows(relation)]
    assert (rows, counts) == (["one-1", "one-2", "two-1", "two-2"], [2, 2])


def test_an_error_of_a_python_rule_is_raised_as_it_is(engine: Engine[Any], tmp_path: Path):
    people = engine.from_rows(PEOPLE, [["p", [3, 5]]])
    with pytest.raises(UnreadableFile, match=r"^p is refused"):
        engine.map_people(people, refusing, OUTPUTS)
    with pytest.raises(FileNotFoundError):
        engine.read_files([TextFile(str(tmp_path / "gone"), 0)], lines_of, LONGEST)


def test_instants_are_in_utc_wherever_python_sees_them(engine: Engine[Any]):
    moment = dt.datetime.fromisoformat("1753-01-01T23:59:59.000001")
    seen = [Column("at", "timestamp", ""), Column("all", "array<struct<at:timestamp>>", "")]
    stamps = engine.from_rows(seen, [[moment.replace(tzinfo=dt.UTC), [{"at": moment}, None]]])
    row = {"at": moment, "all": [{"at": moment}, None]}
    assert engine.rows(stamps) == [row]
    made = engine.map_people(stamps, echo, {"all": seen})["all"]
    assert engine.rows(made) == [row]
    assert engine.measure(
        engine.sql("select * from t where at = :x", {"x": moment}, t=stamps), {"n": "count(*)"}
    ) == {"n": 1}


def test_a_relation_is_joined_with_itself_and_with_what_was_made_of_it(engine: Engine[Any]):
    write(engine, [row("k1", big=1), row("k2", big=2)], "run-1")
    stored = engine.read(EVERY_TYPE)
    for of in (stored, engine.materialize(stored), given(engine, [row("k1"), row("k2")])):
        half = engine.sql("select id, big, ordering from t where id = 'k1'", t=of)
        both = engine.sql(
            "select a.id, b.id as other, h.id as made from t a join t b on a.id < b.id"
            " left join h on h.id = a.id where exists (select 1 from t where t.id = b.id)",
            t=of,
            h=half,
        )
        assert engine.rows(both) == [{"id": "k1", "other": "k2", "made": "k1"}]
        every = engine.sql("select id from a union all select id from b", a=both, b=half)
        assert engine.measure(every, {"n": "count(*)"}) == {"n": 2}


def test_commits_say_which_run_and_step_made_them(engine: Engine[Any]):
    assert engine.commits(EVERY_TYPE) == []
    write(engine, [row("k1")], "run-1")
    write(engine, [row("k2")], "run-2")
    made = [note("run-2"), note("run-1")]
    found = engine.commits(EVERY_TYPE)
    assert all(each.is_in(found[place]) for place, each in enumerate(made))


def test_rows_of_every_type_are_kept(engine: Engine[Any]):
    rows = [row("full", **FULL), row("empty"), row("lists", words=[], codes=[])]
    assert plain(engine.rows(given(engine, rows)), EVERY_TYPE) == expected(rows)


def test_commits_are_rolled_back_newest_first(engine: Engine[Any]):
    assert engine.history(EVERY_TYPE) == []
    assert engine.remove_old_files(EVERY_TYPE) == 0
    write(engine, [row("k1")], "run-1")
    write(engine, [row("k1", 2), row("k2")], "run-2")
    newest, oldest = engine.history(EVERY_TYPE)
    assert note("run-2").is_in(newest.metadata)
    assert newest.instant > oldest.instant
    with pytest.raises(UsageError, match="not the newest"):
        engine.roll_back(oldest)
    assert engine.can_roll_back([newest])
    engine.roll_back(newest)
    assert read(engine) == expected([row("k1")])
    write(engine, [row("k1", 3)], "run-3")
    assert engine.remove_old_files(EVERY_TYPE) > 0
    assert not engine.can_roll_back(engine.history(EVERY_TYPE)[:1])
    assert read(engine) == expected([row("k1", 3)])


def test_a_workbench_has_tables_of_its_own_for_a_while(engine: Engine[Any], lake: Lake):
    write(engine, [row("k1")], "run-1")
    for number in (2, 3):
        with engine.workbench("bench", [EVERY_TYPE]) as bench:
            assert read(bench) == []
            write(bench, [row(f"k{number}")], "run-2")
            assert read(bench) == expected([row(f"k{number}")])
            assert read(engine) == expected([row("k1")])
    assert not (lake.folder / "bench" / EVERY_TYPE.path).exists()
