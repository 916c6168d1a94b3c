"""Texts of resources, respelled where DuckDB's JSON reader would read them unlike Spark's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metriccare.engine.duckdb.quoting import identifier, text
from metriccare.engine.duckdb.row_inserter import DuckDbRelation
from metriccare.sources.fhir.declarations import Resource, declared_shape
from metriccare.sources.fhir.shape_check import LONG_NUMBER, MISSHAPEN, respelled
from metriccare.sources.fhir.shapes import Shape, number_pattern

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_RESPELLED = "respelled_resource"


def readable_texts(rows: DuckDbRelation, resource: Resource) -> str:
    """Return the SELECT of bronze rows with `text` and `is_misshapen`, for `resource_model`."""
    shape = declared_shape(resource)
    has_numbers = "DECIMAL" in shape.spark_type
    is_long = f"regexp_matches(quoted, {text(LONG_NUMBER)})" if has_numbers else "false"
    respelling = f"{_RESPELLED}({text(resource.type)}, quoted, {is_long})"
    return (
        "SELECT * EXCLUDE (respelled, quoted), coalesce(respelled, quoted) AS text,"
        f" respelled IS NOT DISTINCT FROM {text(MISSHAPEN)} AS is_misshapen"
        f" FROM (SELECT *, CASE WHEN NOT deleted THEN {respelling} END AS respelled"
        f" FROM (SELECT *, CASE WHEN NOT deleted THEN {_quoted(shape)} END AS quoted"
        f" FROM {identifier(rows.name)}))"
    )


def _quoted(shape: Shape) -> str:
    """Return the expression for a resource's text with the numbers in quotes whose digits count."""
    pattern = number_pattern(shape)
    if pattern is None:
        return "raw"
    quoted = text(r'"\1":"\2"')
    return f"regexp_replace(raw, {text(pattern)}, {quoted}, 'g')"


def register(session: DuckDBPyConnection) -> None:
    """Register the function that `readable_texts` calls."""
    from duckdb.func import FunctionNullHandling

    session.create_function(
        _RESPELLED,
        respelled,
        ["VARCHAR", "VARCHAR", "BOOLEAN"],
        "VARCHAR",
        null_handling=FunctionNullHandling.SPECIAL,
    )
