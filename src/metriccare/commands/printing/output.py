"""Rows on stdout as a table, JSON or CSV: the one way every command prints data."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from itertools import count
from math import isfinite, isnan
from typing import Any

from metriccare.errors import UsageError

FORMATS = ("table", "json", "csv")
TABLE_ROWS = 50


def chosen_format(wanted: str | None) -> str:
    """Return the format to print in: the one asked for, else a table."""
    if wanted is None:
        return "table"
    if wanted not in FORMATS:
        raise UsageError(f"--format wants {', '.join(FORMATS)}, found {wanted!r}.")
    return wanted


def write_rows(columns: Sequence[str], rows: Iterable[Sequence[Any]], wanted: str | None) -> None:
    """Print rows; a table shows the first 50 and says how many there are."""
    form = chosen_format(wanted)
    if form == "json":
        names = _distinct(columns)
        write_json([dict(zip(names, row, strict=True)) for row in rows])
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows([_flat(value) for value in row] for row in rows)
    else:
        _write_table(columns, list(rows))


def write_json(value: object) -> None:
    """Print one JSON value that any parser reads.

    Dates and times are in ISO form, instants end in Z or their offset, decimals keep their
    digits as text; what is no finite number is null.
    """
    sys.stdout.write(json.dumps(_plain(value), indent=2, ensure_ascii=False, allow_nan=False))
    sys.stdout.write("\n")


def _distinct(names: Sequence[str]) -> list[str]:
    """Number names that repeat, as in `n`, `n_2`: one JSON object holds a name once."""
    found: list[str] = []
    for name in names:
        tries = (f"{name}_{number}" for number in count(2))
        found.append(
            name if name not in found else next(t for t in tries if t not in (*names, *found))
        )
    return found


def _plain(value: object) -> object:
    """Return a value of any type as what JSON has."""
    if isinstance(value, dict):
        return {_word(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return value if isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return _word(value)


def _word(value: object) -> str:
    """Return a value that is one word: a date, a time, a decimal, bytes in hexadecimal."""
    if isinstance(value, datetime | date | time):
        text = value.isoformat()
        return f"{text[:-6]}Z" if text.endswith("+00:00") else text
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    return str(value)


def _flat(value: object) -> object:
    """Return a value as one cell of CSV: what is nested as JSON."""
    if isinstance(value, list | tuple | dict):
        return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False)
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return _word(value)


def _write_table(columns: Sequence[str], rows: list[Sequence[Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from metriccare.commands.printing.plain import plain

    table = Table(box=None, header_style="bold", pad_edge=False)
    for place, column in enumerate(columns):
        numeric = any(isinstance(row[place], int | float | Decimal) for row in rows[:TABLE_ROWS])
        table.add_column(plain(column), justify="right" if numeric else "left", overflow="fold")
    for row in rows[:TABLE_ROWS]:
        table.add_row(*[plain(_cell(value)) for value in row])
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = 400
    console.print(table)
    if len(rows) > TABLE_ROWS:
        sys.stderr.write(f"First {TABLE_ROWS} of {len(rows):,} rows; --format csv gives all.\n")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.4g}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S} {value.tzinfo or ''}".rstrip()
    return str(_flat(value))
