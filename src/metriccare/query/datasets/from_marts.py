"""Datasets whose columns are those of a mart: types and meanings are the mart's own."""

from __future__ import annotations

from collections.abc import Mapping

from metriccare.query.datasets.declaration import DatasetColumn
from metriccare.query.published.marts import Mart, mart


def columns_of(name: str, kinds: Mapping[str, str]) -> tuple[DatasetColumn, ...]:
    """Return columns of a mart of figures in the order given, each with its kind."""
    return columns_in(mart(name), kinds)


def columns_in(declared: Mart, kinds: Mapping[str, str]) -> tuple[DatasetColumn, ...]:
    """Return columns of a mart in the order given, each with its kind."""
    return tuple(
        DatasetColumn(column, kind, declared.column(column).type, declared.column(column).meaning)
        for column, kind in kinds.items()
    )
