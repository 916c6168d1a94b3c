"""Rows on stdout as a table, JSON or CSV: the one way every command prints data."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
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
        write_json([dict(zip(columns, row, strict=True)) for row in rows])
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow(columns)
        writer.writerows([_plain(value) for value in row] for row in rows)
    else:
        _write_table(columns, list(rows))


def write_json(value: object) -> None:
    """Print one JSON value; dates in ISO form, decimals as numbers keep their digits as text."""
    sys.stdout.write(json.dumps(value, default=_plain, indent=2, ensure_ascii=False) + "\n")


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list | dict):
        return json.dumps(value, default=_plain, ensure_ascii=False)
    return value


def _write_table(columns: Sequence[str], rows: list[Sequence[Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    from metriccare.report.plain import plain

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
        return f"{value:%Y-%m-%d %H:%M:%S}"
    return str(_plain(value))
