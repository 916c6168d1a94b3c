"""The SqlEngine over a running Trino, by its HTTP protocol."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from typing import Any

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.query.engine import Rows
from metriccare.query.translate.trino_types import Type, parse_type
from metriccare.query.trino.metastore import CATALOG
from metriccare.query.trino.values import simple_value

_HEADERS = {
    "X-Trino-User": "metriccare",
    "X-Trino-Catalog": CATALOG,
    "X-Trino-Schema": naming.PUBLISH,
    "X-Trino-Time-Zone": "UTC",
    # Without it timestamps are rounded to milliseconds on their way here.
    "X-Trino-Client-Capabilities": "PARAMETRIC_DATETIME",
}


class TrinoEngine:
    """Runs SQL on a Trino server as Athena would run it."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def query(self, sql: str) -> Rows:
        """Return every row; UsageError with Trino's own words if it refuses the SQL."""
        columns: list[dict[str, Any]] = []
        rows: list[tuple[Any, ...]] = []
        for page in self._pages(sql):
            if "error" in page:
                raise UsageError(f"Trino: {page['error']['message']}")
            columns = page.get("columns", columns)
            rows += [_row(columns, row) for row in page.get("data", ())]
        return Rows(tuple(column["name"] for column in columns), tuple(rows))

    def _pages(self, sql: str) -> Iterator[dict[str, Any]]:
        page = _json(urllib.request.Request(f"{self._uri}/v1/statement", sql.encode(), _HEADERS))  # noqa: S310
        yield page
        while "nextUri" in page:
            page = _json(urllib.request.Request(page["nextUri"], headers=_HEADERS))  # noqa: S310
            yield page


def _json(request: urllib.request.Request) -> dict[str, Any]:
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        found: dict[str, Any] = json.load(answer)
        return found


def _row(columns: list[dict[str, Any]], row: list[Any]) -> tuple[Any, ...]:
    kinds = (parse_type(column["type"]) for column in columns)
    return tuple(_value(kind, value) for kind, value in zip(kinds, row, strict=True))


def _value(kind: Type | None, value: Any) -> Any:
    """Return a value of Trino's JSON as the Python value of its type."""
    if kind is None or value is None:
        return value
    if kind.name == "array":
        return [_value(kind.of[0], each) for each in value]
    if kind.name == "map":
        keys, values = kind.of
        return {_value(keys, key): _value(values, each) for key, each in value.items()}
    if kind.name == "row":
        named = zip(kind.fields, kind.of, value, strict=True)
        return {name: _value(inner, each) for name, inner, each in named}
    return simple_value(kind, value)
