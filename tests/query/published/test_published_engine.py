"""Answers over published marts: whose rows, which of them, in what order, and what is refused."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from metriccare.access.rights import FINANCE_READ, QUALITY_READ
from metriccare.access.scope import NotAllowed
from metriccare.query.datasets.conditions import Condition, condition
from metriccare.query.datasets.declaration import Dataset
from metriccare.query.datasets.registry import datasets
from metriccare.query.published.engine import Answer, PublishedEngine
from metriccare.query.published.publication import FIGURES
from metriccare.query.published.refusals import InvalidParameter, NotPublished, PublicationGone
from metriccare.query.published.statements import Page, Sort, rows_statement, sort_of
from tests.publishing.mart_lake import MartLake, code, hidden, hospital, measure, of, scope

RESULTS = of("measure_results")


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> MartLake:
    lake = MartLake(tmp_path_factory.mktemp("published"))
    lake.write(
        "publish.measure",
        measure("a"),
        measure("a", grain="all", period_start=None, numerator=95, value=0.3),
        hospital("h1", numerator=11, value=0.11),
        hospital("h2", numerator=12, value=0.12),
        hidden("a", stratum_type="hospital", stratum_value="h3", stratum_label="50 % Hospital"),
        measure("b", numerator=77),
        hospital("h1", "b", numerator=78),
    )
    lake.write("publish.infection_code", code("a"), code("b", display="of b"))
    lake.write(
        "publish.kpi",
        {
            "tenant": "a",
            "kpi_id": "gross_charges",
            "grain": "all",
            "period_end": date(2025, 1, 1),
            "stratum_type": "overall",
            "stratum_value": "all",
            "currency": "USD",
            "numerator": Decimal("1290.05"),
            "value": Decimal("1290.050000"),
            "suppressed": False,
        },
    )
    lake.publish()
    return lake


@pytest.fixture(scope="module")
def engine(lake: MartLake) -> PublishedEngine:
    return lake.reader()


def column(answer: Answer, name: str) -> list[object]:
    place = answer.columns.index(name)
    return [row[place] for row in answer.rows]


def where(dataset: Dataset, name: str, operator: str, *words: str) -> Condition:
    return condition(dataset, name, operator, words)


def test_a_scope_sees_its_own_tenant_only(engine: PublishedEngine):
    assert column(engine.rows(scope("b"), RESULTS), "numerator") == [78, 77]
    for dataset in (each for each in datasets() if each.pointer == FIGURES):
        answer = engine.rows(scope("a"), dataset)
        assert set(column(answer, "tenant")) <= {"a"}


def test_runs_and_alerts_are_not_published_where_only_figures_are(engine: PublishedEngine):
    with pytest.raises(NotPublished):
        engine.rows(scope("a"), of("alerts"))


def test_a_tenant_that_is_not_published_is_a_state_of_its_own(engine: PublishedEngine):
    with pytest.raises(NotPublished):
        engine.rows(scope("nobody"), RESULTS)


def test_an_answer_says_what_it_was_taken_from(lake: MartLake, engine: PublishedEngine):
    answer = engine.rows(scope(), RESULTS)
    publication = lake.files().current("a")
    assert publication is not None
    assert answer.publication == publication.id
    assert (answer.run_id, answer.as_of) == ("run-1", date(2024, 12, 31))
    assert (answer.returned, answer.total, answer.hidden) == (5, 5, 1)
    assert answer.next is None


def test_hidden_rows_are_in_the_answer_without_figures(engine: PublishedEngine):
    hidden_only = engine.rows(scope(), RESULTS, [where(RESULTS, "suppressed", "eq", "true")])
    assert (hidden_only.hidden, column(hidden_only, "numerator")) == (1, [None])


@pytest.mark.parametrize(
    ("filters", "numerators"),
    [
        ([("grain", "eq", ["all"])], [95]),
        ([("grain", "in", ["all", "year"])], [95, 11, 12, None, 40]),
        ([("period_start", "ge", ["2024-01-01"])], [11, 12, None, 40]),
        ([("period_start", "lt", ["2024-01-01"])], []),
        ([("stratum_label", "contains", ["HOSPITAL"])], [None]),
        ([("stratum_label", "contains", ["%"])], [None]),
        ([("stratum_label", "contains", ["_"])], []),
        ([("stratum_value", "in", ["h2", "h1"])], [11, 12]),
        ([("stratum_value", "eq", ["' or 1=1 --"])], []),
        ([("stratum_type", "eq", ["hospital"]), ("stratum_value", "eq", ["h2"])], [12]),
    ],
)
def test_filters_choose_rows(
    engine: PublishedEngine, filters: Sequence[tuple[str, str, list[str]]], numerators: list[object]
):
    conditions = [condition(RESULTS, *each) for each in filters]
    answer = engine.rows(scope(), RESULTS, conditions)
    assert column(answer, "numerator") == numerators
    assert answer.total == len(numerators)


@pytest.mark.parametrize(
    ("column_name", "operator", "words"),
    [
        ("nothing", "eq", ["x"]),
        ("numerator", "eq", ["1"]),
        ("tenant", "eq", ["b"]),
        ("grain", "contains", ["all"]),
        ("grain", "eq", ["week"]),
        ("grain", "eq", ["all", "year"]),
        ("grain", "eq", []),
        ("period_start", "ge", ["last week"]),
        ("suppressed", "eq", ["maybe"]),
        ("stratum_value", "in", ["x"] * 201),
        ("stratum_value", "eq", ["x" * 201]),
        ("stratum_value", "eq", ["h1\0"]),
    ],
)
def test_a_filter_that_is_not_declared_is_refused(
    column_name: str, operator: str, words: list[str]
):
    with pytest.raises(InvalidParameter) as refused:
        condition(RESULTS, column_name, operator, words)
    assert refused.value.name == column_name


def test_sorts_are_declared_too():
    assert sort_of(RESULTS, ["-value", "measure_id"]) == (Sort("value", True), Sort("measure_id"))
    for words in (["method"], ["value desc"], ["value", "-value"], ["--value"], [""]):
        with pytest.raises(InvalidParameter):
            sort_of(RESULTS, words)


@pytest.mark.parametrize("words", [[], ["value"], ["-value"], ["-stratum_label"], ["numerator"]])
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_pages_give_every_row_once_in_the_same_order(
    engine: PublishedEngine, words: list[str], limit: int
):
    sort = sort_of(RESULTS, words)
    whole = engine.rows(scope(), RESULTS, page=Page(sort)).rows
    pages: list[tuple[object, ...]] = []
    after = None
    while True:
        answer = engine.rows(scope(), RESULTS, page=Page(sort, limit, after))
        assert answer.total == len(whole)
        pages += answer.rows
        after = answer.next
        if after is None:
            break
    assert pages == list(whole)


def test_rows_without_a_value_come_last_in_both_directions(engine: PublishedEngine):
    for word in ("value", "-value"):
        answer = engine.rows(scope(), RESULTS, page=Page(sort_of(RESULTS, [word])))
        assert column(answer, "value")[-1] is None


def test_a_limit_has_bounds(engine: PublishedEngine):
    for limit in (0, -1, 50_001):
        with pytest.raises(InvalidParameter):
            engine.rows(scope(), RESULTS, page=Page(limit=limit))


def test_a_dataset_needs_its_right(engine: PublishedEngine):
    finance = scope(rights=frozenset({FINANCE_READ}), role="finance")
    with pytest.raises(NotAllowed, match="quality:read"):
        engine.rows(finance, RESULTS)
    assert engine.rows(finance, of("kpi_results")).total == 1


def test_a_reader_of_some_facilities_sees_their_rows_only(engine: PublishedEngine):
    of_one = scope(facilities=("h1",))
    assert column(engine.rows(of_one, RESULTS), "numerator") == [11]
    assert engine.rows(scope(facilities=()), RESULTS).total == 0
    asked = [where(RESULTS, "stratum_value", "in", "h1", "h2")]
    assert column(engine.rows(of_one, RESULTS, asked), "stratum_value") == ["h1"]
    # Nothing says which facility an infection or a payer's month is of.
    rights = frozenset({QUALITY_READ, FINANCE_READ})
    for name in ("infections_by_code", "payers"):
        assert engine.rows(scope(facilities=("h1",), rights=rights), of(name)).total == 0


def test_money_is_exact(engine: PublishedEngine):
    answer = engine.rows(scope(), of("kpi_results"))
    assert column(answer, "numerator") == [Decimal("1290.05")]


def test_a_column_that_an_older_mart_lacks_is_empty():
    stored = set(RESULTS.column_names) - {"sir", "stratum_label"}
    words = [where(RESULTS, "stratum_label", "eq", "x")]
    statement = rows_statement(scope(), RESULTS, words, Page(), stored)
    assert 'CAST(NULL AS DOUBLE) AS "sir"' in statement.sql
    assert "FALSE" in statement.sql


@pytest.mark.parametrize("dataset", datasets(), ids=lambda each: each.name)
def test_no_value_is_ever_part_of_a_statement(dataset: Dataset):
    word = "Robert'); drop table x; --"
    conditions = [
        Condition(each.column, operator, (word,))
        for each in dataset.filters
        for operator in each.operators
    ]
    after = tuple(word for _ in sort_of(dataset, dataset.order)) + tuple(
        word for name in dataset.key if name not in {s.lstrip("-") for s in dataset.order}
    )
    restricted = scope(word, facilities=(word,))
    statement = rows_statement(
        restricted, dataset, conditions, Page(after=after), dataset.column_names
    )
    assert "Robert" not in statement.sql
    assert statement.sql.count("?") == len(statement.values)


def test_an_older_publication_is_answered_while_it_is_kept(tmp_path: Path):
    lake = MartLake(tmp_path)
    lake.write("publish.measure", measure())
    first = lake.publish("run-1")[0].publication
    lake.write("publish.measure", measure(numerator=41))
    lake.publish("run-2")
    reader = lake.reader()
    assert column(reader.rows(scope(), RESULTS), "numerator") == [41]
    assert column(reader.rows(scope(), RESULTS, publication=first), "numerator") == [40]
    for unknown in ("0" * 16, "../current", ""):
        with pytest.raises(PublicationGone):
            reader.rows(scope(), RESULTS, publication=unknown)
