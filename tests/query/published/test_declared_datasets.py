"""Every dataset is declared whole: columns of its mart, filters, sorts and drills."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from metriccare.access.rights import RIGHTS
from metriccare.query.datasets import registry
from metriccare.query.datasets.declaration import KINDS, OPERATORS, Dataset
from metriccare.query.datasets.registry import SUBJECTS, dataset, datasets
from metriccare.query.published.marts import marts
from metriccare.query.published.operations_marts import OPERATIONS_MARTS
from metriccare.report.dataset_list import FILE, dataset_list, values_of

# Datasets of evidence, which are asked for at another endpoint with a purpose.
EVIDENCE = {"stays_of_result"}
MARTS = {mart.name: mart for mart in (*marts(), *OPERATIONS_MARTS)}
DECLARED = pytest.mark.parametrize("each", datasets(), ids=lambda each: each.name)


@DECLARED
def test_columns_are_those_of_the_mart(each: Dataset):
    assert set(each.column_names) <= {column.name for column in MARTS[each.mart].columns}
    assert len(set(each.column_names)) == len(each.columns)
    assert {column.kind for column in each.columns} <= set(KINDS)
    assert all(column.meaning for column in each.columns)
    assert "tenant" in each.column_names


@DECLARED
def test_filters_sorts_and_keys_name_its_columns(each: Dataset):
    names = set(each.column_names)
    assert {one.column for one in each.filters} <= names - {"tenant"}
    assert {operator for one in each.filters for operator in one.operators} <= set(OPERATORS)
    assert set(each.key) | set(each.sorts) <= names
    assert {word.removeprefix("-") for word in each.order} <= {*each.sorts, *each.key}
    if each.facilities is not None:
        assert {each.facilities.column, *each.facilities.fixed} <= names


@DECLARED
def test_its_right_exists_and_its_drills_lead_somewhere(each: Dataset):
    assert each.right in RIGHTS
    for drill in each.drills:
        assert set(drill.filters.values()) <= set(each.column_names)
        target = dataset(drill.dataset)
        assert target is not None or drill.dataset in EVIDENCE
        if target is not None:
            assert set(drill.filters) <= {one.column for one in target.filters}


@DECLARED
def test_money_is_decimal(each: Dataset):
    for column in each.columns:
        assert column.kind != "money" or column.type.startswith("decimal")


def test_a_hidden_row_says_so_in_every_dataset_with_counts():
    for each in datasets():
        has_figures = any(column.kind in ("measure", "money") for column in each.columns)
        assert not has_figures or "suppressed" in each.column_names or each.mart in NO_PERSONS


# Scores of tables and ages of feeds: nobody can be told from them.
NO_PERSONS = {"data_quality_score", "freshness"}


def test_names_are_unique_and_every_subject_is_read():
    names = [each.name for each in datasets()]
    assert len(set(names)) == len(names)
    folder = Path(registry.__file__).parent
    helpers = {"__init__", "conditions", "declaration", "from_marts", "registry"}
    assert {file.stem for file in folder.glob("*.py")} - helpers == set(SUBJECTS)


def test_the_list_for_programs_is_up_to_date():
    checkout = Path(__file__).parents[3]
    written = json.loads((checkout / FILE).read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(dataset_list(datasets())))


def test_ids_of_measures_and_kpis_are_closed_sets():
    for name, column, known in (
        ("measure_results", "measure_id", "readmission_30d"),
        ("kpi_results", "kpi_id", "days_in_ar"),
        ("kpi_results", "stratum_type", "payer"),
    ):
        found = dataset(name)
        assert found is not None
        declared = found.filter(column)
        assert declared is not None
        assert known in values_of(found, declared)
