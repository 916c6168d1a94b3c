"""Values of rows and filters as JSON, and back with their types: in cursors and kept exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_READERS: Mapping[str, Callable[[str], Any]] = {
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "Decimal": Decimal,
}


def written(value: Any) -> Any:
    """Return a value as JSON takes it; TypeError for a type that no column has."""
    if value is None or isinstance(value, bool | int | float | str):
        return value
    kind = type(value).__name__
    if kind not in _READERS:
        raise TypeError(kind)
    return {kind: value.isoformat() if isinstance(value, date) else str(value)}


def value_of(written: Any) -> Any:
    """Return the value that was written."""
    if not isinstance(written, dict):
        return written
    ((kind, text),) = written.items()
    return _READERS[kind](text)
