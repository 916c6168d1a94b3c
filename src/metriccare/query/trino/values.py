"""Values as Trino and Athena write them, as Python values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from metriccare.query.duckdb.result_values import zone_of
from metriccare.query.translate.trino_types import Type

_PYTHON: dict[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "decimal": Decimal,
    "timestamp": datetime.fromisoformat,
    "double": float,
    "tinyint": int,
    "smallint": int,
    "integer": int,
    "bigint": int,
}


def simple_value(kind: Type, value: Any) -> Any:
    """Return the Python value of what Trino wrote; text if Python has no such value."""
    convert = _PYTHON.get(kind.name)
    try:
        if kind.name == "timestamp with time zone":
            local, _, zone = value.rpartition(" ")
            return datetime.fromisoformat(local).replace(tzinfo=zone_of(zone))
        return value if convert is None else convert(value)
    except ValueError:
        return value  # a year beyond Python's
