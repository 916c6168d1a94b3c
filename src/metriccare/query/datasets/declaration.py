"""The form of a dataset: what readers may ask of a published mart, declared once.

Endpoint parameters, OpenAPI, options of commands, export columns and the front end's columns and
filters are derived from it. Source: serving specification, 1.5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metriccare.query.published.publication import FIGURES

# Kinds of columns.
ID, DIMENSION, MEASURE, MONEY, DATE, FLAG = "id", "dimension", "measure", "money", "date", "flag"
KINDS = (ID, DIMENSION, MEASURE, MONEY, DATE, FLAG)

# Operators of filters. LT ends a half-open range of dates.
EQ, IN, GE, LE, LT, CONTAINS = "eq", "in", "ge", "le", "lt", "contains"
OPERATORS = (EQ, IN, GE, LE, LT, CONTAINS)
CHOICE, RANGE, WORDS = (EQ, IN), (GE, LE, LT), (EQ, IN, CONTAINS)


@dataclass(frozen=True)
class DatasetColumn:
    """A column as readers get it; `type` is Spark's word."""

    name: str
    kind: str
    type: str
    meaning: str


@dataclass(frozen=True)
class Filter:
    """A column that may be filtered, by which operators; `values` is the closed set, if any."""

    column: str
    operators: tuple[str, ...]
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Drill:
    """Where a row leads: a dataset, and its filters with the column of the row they come from."""

    dataset: str
    filters: Mapping[str, str]


@dataclass(frozen=True)
class FacilityRule:
    """Which rows are of one facility: those with its id in `column`.

    `fixed` are the values that other columns must have, such as the type of a stratum.
    """

    column: str
    fixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dataset:
    """What readers may ask of a mart. `key` orders its rows; it is total within a tenant.

    `where` are values its rows always have. `facilities` says which rows a reader of some
    facilities sees; None if they see none. `is_of_no_facility` is True if the rows tell nothing of
    facilities, so that everybody with the right sees them all. `pointer` is the one of the tenant's
    pointers that names the mart.
    """

    name: str
    title: str
    meaning: str
    mart: str
    right: str
    columns: tuple[DatasetColumn, ...]
    filters: tuple[Filter, ...]
    key: tuple[str, ...]
    sorts: tuple[str, ...] = ()
    order: tuple[str, ...] = ()
    drills: tuple[Drill, ...] = ()
    where: Mapping[str, Any] = field(default_factory=dict)
    facilities: FacilityRule | None = None
    is_of_no_facility: bool = False
    pointer: str = FIGURES

    def column(self, name: str) -> DatasetColumn | None:
        """Return a column; None if the dataset does not have it."""
        return next((column for column in self.columns if column.name == name), None)

    def filter(self, name: str) -> Filter | None:
        """Return the filter of a column; None if it has none."""
        return next((each for each in self.filters if each.column == name), None)

    @property
    def column_names(self) -> tuple[str, ...]:
        """Return the names of its columns in the order of display."""
        return tuple(column.name for column in self.columns)
