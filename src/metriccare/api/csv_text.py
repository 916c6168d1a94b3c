"""Rows as CSV that spreadsheets open safely. Source: serving specification 3.2.1."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from metriccare.api.encoding import instant

MEDIA_TYPE = "text/csv; charset=utf-8"
# A spreadsheet takes a text that begins with one of these as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def csv_text(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], notes: Sequence[str] = ()
) -> bytes:
    """Return a header and rows, lines ending in CRLF; `notes` come first, each after a `#`."""
    out = io.StringIO()
    for note in notes:
        out.write(f"# {' '.join(note.split())}\r\n")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8", "backslashreplace")


def cell(value: Any) -> str:
    """Return one cell: nothing for null, lower-case flags, dates and instants in ISO form."""
    if value is None:
        return ""
    writer = next((write for kind, write in _WRITERS if isinstance(value, kind)), str)
    return writer(value)


def safe_text(text: str) -> str:
    """Return a text that no spreadsheet takes as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


# The first that fits: a flag is an integer too, an instant is a date too.
_WRITERS: tuple[tuple[type | tuple[type, ...], Callable[[Any], str]], ...] = (
    (bool, lambda flag: "true" if flag else "false"),
    (datetime, instant),
    (date, date.isoformat),
    (Decimal, lambda number: f"{number:f}"),
    ((list, tuple), lambda values: safe_text("; ".join(str(value) for value in values))),
    (str, safe_text),
)
