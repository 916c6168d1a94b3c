"""Files of exports: CSV, and a workbook with types, filters and a sheet that says what it is."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO

from metriccare.api.csv_text import cell

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Row = Sequence[Any]
# A worksheet has 1,048,576 rows, one of which is the header.
_WIDEST_COLUMN = 40


def write_csv(
    path: Path, columns: Sequence[str], rows: Iterable[Row], *, is_safe: bool = True
) -> int:
    """Write rows as CSV and return how many; `is_safe` keeps texts from being formulas.

    Texts are quoted where `is_safe` is False: that file is read by a program, not a spreadsheet.
    """
    count = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(columns)
        for row in rows:
            writer.writerow([cell(value) if is_safe else _plain(value) for value in row])
            count += 1
    return count


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else cell(value)


def workbook(columns: Sequence[str], rows: Iterable[Row], about: Mapping[str, str]) -> bytes:
    """Return a workbook of few rows, as `write_workbook` writes it."""
    made = BytesIO()
    write_workbook(made, columns, rows, about)
    return made.getvalue()


def write_workbook(
    target: Path | BinaryIO, columns: Sequence[str], rows: Iterable[Row], about: Mapping[str, str]
) -> int:
    """Write a workbook: *Data* with a frozen header and filters, *About* with what it shows."""
    import xlsxwriter

    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "default_date_format": "yyyy-mm-dd",
        "remove_timezone": True,
        "nan_inf_to_errors": True,
    }
    count = 0
    with xlsxwriter.Workbook(
        str(target) if isinstance(target, Path) else target, options
    ) as workbook:
        bold = workbook.add_format({"bold": True})
        data = workbook.add_worksheet("Data")
        data.freeze_panes(1, 0)
        for place, name in enumerate(columns):
            data.set_column(place, place, min(_WIDEST_COLUMN, len(name) + 4))
            data.write_string(0, place, name, bold)
        for count, row in enumerate(rows, 1):
            for place, value in enumerate(row):
                _write(data, count, place, value)
        data.autofilter(0, 0, count, len(columns) - 1)
        sheet = workbook.add_worksheet("About")
        sheet.set_column(0, 0, 16)
        sheet.set_column(1, 1, 100)
        for line, (name, words) in enumerate(about.items()):
            sheet.write_string(line, 0, name, bold)
            sheet.write_string(line, 1, words)
    return count


def _write(sheet: Any, line: int, place: int, value: Any) -> None:
    if value is None:
        return
    if isinstance(value, bool):
        sheet.write_boolean(line, place, value)
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(line, place, value)
    elif isinstance(value, datetime | date):
        sheet.write_datetime(line, place, value)
    else:
        sheet.write_string(line, place, cell(value))
