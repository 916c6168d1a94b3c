"""Resources in the spelling that DuckDB's JSON reader reads as Spark's does."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from metriccare.engine.duckdb.given_rows import DuckDbRelation
from metriccare.engine.duckdb.quoting import identifier, text
from metriccare.fhir.forms import Resource, declared_shape
from metriccare.fhir.shape_check import LONG_NUMBER, MISSHAPEN, respelled
from metriccare.tables import Column

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_RESPELLED = "respelled_resource"
RESPELLED_ROW = (Column("number", "bigint", ""), Column("respelled", "string", ""))
_ROWS_AT_A_TIME = 1000


def readable_texts(rows: DuckDbRelation, resource: Resource) -> str:
    """Return the SELECT of bronze rows with `text` and `is_misshapen`, for `resource_model`."""
    respelling = f"{_RESPELLED}({text(resource.type)}, raw, {_is_long(resource)})"
    return _readable(
        f"SELECT *, CASE WHEN NOT deleted THEN {respelling} END AS respelled"
        f" FROM {identifier(rows.name)}"
    )


def readable_texts_of_table(table: DuckDbRelation, respelled: DuckDbRelation) -> str:
    """Return the same for a table of bronze rows, given what `respelled_rows` made of it."""
    return _readable(
        f"SELECT t.*, r.respelled FROM {identifier(table.name)} t"
        f" LEFT JOIN {identifier(respelled.name)} r ON r.number = t.rowid"
    )


def respelled_rows(
    session: DuckDBPyConnection, table: DuckDbRelation, resource: Resource
) -> Iterator[tuple[int, str]]:
    """Yield the rows of a table that are to be read in another spelling, by their number.

    DuckDB calls functions in Python only where numpy is installed; this needs none.
    """
    cursor = session.cursor().execute(
        f"SELECT rowid, raw, {_is_long(resource)} FROM {identifier(table.name)} WHERE NOT deleted"
    )
    while rows := cursor.fetchmany(_ROWS_AT_A_TIME):
        for number, raw, is_long in rows:
            respelling = respelled(resource.type, raw, is_long)
            if respelling is not None:
                yield number, respelling


def _is_long(resource: Resource) -> str:
    has_numbers = "DECIMAL" in declared_shape(resource).spark_type
    return f"regexp_matches(raw, {text(LONG_NUMBER)})" if has_numbers else "false"


def _readable(rows: str) -> str:
    return (
        "SELECT * EXCLUDE (respelled), CASE WHEN NOT deleted THEN coalesce(respelled, raw) END"
        f" AS text, respelled IS NOT DISTINCT FROM {text(MISSHAPEN)} AS is_misshapen"
        f" FROM ({rows})"
    )


@cache
def has_numpy() -> bool:
    """Return True if numpy is installed: it is not in the package for AWS Lambda."""
    try:
        import numpy  # noqa: F401, ICN001
    except ModuleNotFoundError:
        return False
    return True


def register(session: DuckDBPyConnection) -> None:
    """Make the function known that `readable_texts` calls, where that is possible."""
    if not has_numpy():
        return
    from duckdb.func import FunctionNullHandling

    session.create_function(
        _RESPELLED,
        respelled,
        ["VARCHAR", "VARCHAR", "BOOLEAN"],
        "VARCHAR",
        null_handling=FunctionNullHandling.SPECIAL,
    )
