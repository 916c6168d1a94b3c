"""Rows built from objects: the columns are those of the declaration."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from metriccare.marts.measures import person_rows, result_rows, visible_rows
from metriccare.marts.measures.mart import PERSON_TABLES
from metriccare.pipeline.gold.guarded_rule import outputs_of
from metriccare.tables import Column, Table
from metriccare.tables import publish as published
from metriccare.tables.declaration import RUN_ID, TENANT, hudi_table
from metriccare.tables.rows import RowBuilder


class Bed(NamedTuple):
    """A bed of a ward, as a source of rows."""

    id: str
    ward: str
    nights: tuple[int, ...]


TABLE = hudi_table(
    Table(
        layer="gold",
        name="bed",
        meaning="beds",
        key=("tenant", "bed_id"),
        columns=(
            TENANT,
            Column("bed_id", "string", "the bed"),
            Column("ward", "string", "its ward"),
            Column("night_count", "int", "nights it was used"),
            RUN_ID,
        ),
    )
)
NIGHTS = {"night_count": lambda bed: len(bed.nights)}


def test_columns_are_attributes_unless_the_builder_says_otherwise() -> None:
    row_of = RowBuilder[Bed](TABLE, NIGHTS, {"bed_id": "id"}, added=("tenant",))
    assert row_of(Bed("b1", "w1", (1, 2))) == {"bed_id": "b1", "ward": "w1", "night_count": 2}


def test_a_column_that_is_not_declared_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match=r"gold\.bed declares no colour"):
        RowBuilder[Bed](TABLE, {"colour": lambda bed: "red"})


def test_a_declared_column_that_nothing_gives_fails_with_the_first_row() -> None:
    row_of = RowBuilder[Bed](TABLE, NIGHTS, added=("tenant",))
    with pytest.raises(AttributeError, match="bed_id"):
        row_of(Bed("b1", "w1", ()))


def test_gold_and_publish_build_every_column_that_a_run_does_not_stamp() -> None:
    assert {c.name for c in result_rows.COLUMNS} <= set(result_rows.VALUE_PATHS)
    stamped = {"run_id", "record_key", "ordering"}
    names = {column.name for column in visible_rows.MEASURE_COLUMNS}
    assert names == set(published.MEASURE.column_names) - stamped


def test_every_table_of_persons_gets_every_declared_column() -> None:
    from tests.marts.measures.people import encounter, infection, results

    result = results(
        encounter("e1", "2024-03-01", "2024-03-06"), conditions=(infection(onset="2024-03-04"),)
    )
    for table, rows in person_rows.rows_of(result).items():
        assert rows
        declared = {column.name for column in outputs_of(PERSON_TABLES)[table]} - {"tenant"}
        assert set(rows[0]) == declared, table
