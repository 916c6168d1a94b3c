"""A dry run over a feed's file, printed: the contract, the columns, rows, and what is rejected."""

from __future__ import annotations

import sys

from metriccare.commands.printing.output import chosen_format, write_json, write_rows
from metriccare.sources.feeds.checked_file import CheckedFile

_REJECT_COLUMNS = ("line", "rule_id", "column", "reason")
_COLUMNS = ("column", "in_the_file", "type")


def write_checked(checked: CheckedFile, wanted: str | None) -> None:
    """Print what was found; as CSV only the rejected rows."""
    form = chosen_format(wanted)
    if form == "json":
        write_json(_document(checked))
    elif form == "csv":
        write_rows(_REJECT_COLUMNS, _rejects(checked), form)
    else:
        _write_text(checked)


def _rejects(checked: CheckedFile) -> list[tuple[object, ...]]:
    return [(row.line, row.rule_id, row.column, row.reason) for row in checked.first_rejects]


def _document(checked: CheckedFile) -> dict[str, object]:
    layout = checked.layout
    return {
        "contract": layout.contract.name,
        "feed": layout.feed.name,
        "version": layout.contract.version,
        "format": layout.format,
        "delimiter": layout.dialect.delimiter,
        "encoding": layout.encoding,
        "columns": [dict(zip(_COLUMNS, row, strict=True)) for row in checked.columns],
        "missing": checked.missing,
        "unknown": list(layout.unknown),
        "rows": checked.rows,
        "rejected": checked.rejected,
        "first_rows": checked.first_rows,
        "first_rejects": [
            dict(zip(_REJECT_COLUMNS, row, strict=True)) for row in _rejects(checked)
        ],
    }


def _write_text(checked: CheckedFile) -> None:
    layout, out = checked.layout, sys.stdout
    dialect = f", fields between {layout.dialect.delimiter!r}" if layout.is_csv else ""
    out.write(
        f"Contract {layout.contract.name}, version {layout.contract.version}"
        f" (feed {layout.feed.name}): {layout.format}, {layout.encoding}{dialect}\n\n"
    )
    out.flush()
    write_rows(_COLUMNS, checked.columns, "table")
    out.write(f"\nNot in the file: {', '.join(checked.missing) or 'nothing'}\n")
    out.write(f"Not read: {', '.join(layout.unknown) or 'nothing'}\n")
    if checked.first_rows:
        out.write("\nThe first rows, as they would be loaded:\n")
        for row in checked.first_rows:
            values = ", ".join(f"{name}={value}" for name, value in row.items() if name != "line")
            out.write(f"  line {row['line']}: {values}\n")
    if checked.first_rejects:
        out.write("\nThe first rows that would be rejected:\n")
        for line, rule, _, reason in _rejects(checked):
            out.write(f"  line {line}: {rule}: {reason}\n")
    good = checked.rows - checked.rejected
    out.write(f"\n{checked.rows:,} rows read: {good:,} good, {checked.rejected:,} rejected.\n")
