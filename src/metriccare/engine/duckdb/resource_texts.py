"""Texts of resources, respelled where DuckDB's JSON reader would read them unlike Spark's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from metriccare.engine.duckdb.quoting import identifier, text
from metriccare.engine.duckdb.row_inserter import DuckDbRelation
from metriccare.sources.fhir.declarations import Resource, declared_shape
from metriccare.sources.fhir.shape_check import LONG_NUMBER, MISSHAPEN, respelled

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_RESPELLED = "respelled_resource"


def readable_texts(rows: DuckDbRelation, resource: Resource) -> str:
    """Return the SELECT of bronze rows with `text` and `is_misshapen`, for `resource_model`."""
    has_numbers = "DECIMAL" in declared_shape(resource).spark_type
    is_long = f"regexp_matches(raw, {text(LONG_NUMBER)})" if has_numbers else "false"
    respelling = f"{_RESPELLED}({text(resource.type)}, raw, {is_long})"
    return (
        "SELECT * EXCLUDE (respelled), CASE WHEN NOT deleted THEN coalesce(respelled, raw) END"
        f" AS text, respelled IS NOT DISTINCT FROM {text(MISSHAPEN)} AS is_misshapen"
        f" FROM (SELECT *, CASE WHEN NOT deleted THEN {respelling} END AS respelled"
        f" FROM {identifier(rows.name)})"
    )


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
