"""Rejected records as `metriccare quarantine` prints them: a list, or in full on request."""

from __future__ import annotations

import sys

from metriccare.commands.printing.output import chosen_format, write_rows
from metriccare.errors import UsageError
from metriccare.query.engine import Rows, SqlEngine
from metriccare.report.rejected import OPEN, RejectFilter, Row, chosen

_SHOWN = ("source_file", "source_line", "rule_id", "reason", "resource_type", "resource_id")
_COLUMNS = (*_SHOWN, "run_id", "tenant", "state", "redriven_run_id", "feed", "column_name")


def rejected(engine: SqlEngine, choice: RejectFilter, *, every: bool) -> Rows:
    """Return the open records meant, or also those that are settled; say how many are left out."""
    rows = chosen(engine, choice)
    kept = [row for row in rows if every or row["state"] == OPEN]
    if len(kept) < len(rows):
        sys.stderr.write(
            f"{len(rows) - len(kept):,} more were redriven or superseded by a correction;"
            " --all lists them.\n"
        )
    return Rows(_COLUMNS, tuple(tuple(row[name] for name in _COLUMNS) for row in kept))


def write_in_full(engine: SqlEngine, choice: RejectFilter, wanted: str | None) -> None:
    """Print the records meant with their content: on stdout only, and only when asked for."""
    if choice == RejectFilter():
        raise UsageError(
            "quarantine show prints health records: name a FILE and LINE, --run, --rule or --feed."
        )
    found = engine.query("SELECT * FROM bronze.quarantine")
    rows = sorted(
        (row for row in found.records() if choice.holds(row)),
        key=lambda row: (row["source_file"], row["source_line"], row["rule_id"]),
    )
    if not rows:
        raise UsageError(
            "No such record is in quarantine; `metriccare quarantine list` lists them."
        )
    if chosen_format(wanted) == "table":
        sys.stdout.write("\n\n".join(_in_words(row) for row in rows) + "\n")
        return
    write_rows(found.columns, [tuple(row.values()) for row in rows], wanted)


def _in_words(row: Row) -> str:
    names = (*_SHOWN, "feed", "column_name", "tenant", "run_id", "ingested_at", "redriven_run_id")
    lines = [f"{name}: {row[name]}" for name in names if row[name] is not None]
    return "\n".join([*lines, "", str(row["raw"])])
