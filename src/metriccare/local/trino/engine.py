"""The SqlEngine over a running Trino, by its HTTP protocol."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.local.trino.metastore import CATALOG
from metriccare.sql.engine import Rows

_HEADERS = {
    "X-Trino-User": "metriccare",
    "X-Trino-Catalog": CATALOG,
    "X-Trino-Schema": naming.PUBLISH,
    "X-Trino-Time-Zone": "UTC",
}
_PYTHON: dict[str, Callable[[Any], Any]] = {
    "date": date.fromisoformat,
    "decimal": Decimal,
    "timestamp": datetime.fromisoformat,
    "double": float,
}


class TrinoEngine:
    """Runs SQL on a Trino server as Athena would run it."""

    def __init__(self, uri: str) -> None:
        self._uri = uri

    def query(self, sql: str) -> Rows:
        """Return every row; UsageError with Trino's own words when the SQL is refused."""
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
    return tuple(_value(column["type"], value) for column, value in zip(columns, row, strict=True))


def _value(kind: str, value: Any) -> Any:
    convert = _PYTHON.get(kind.partition("(")[0])
    return value if value is None or convert is None else convert(value)
