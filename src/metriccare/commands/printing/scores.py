"""Data quality scores as `metriccare quality` prints them."""

from __future__ import annotations

import sys

from metriccare.commands.printing.output import chosen_format, write_rows
from metriccare.query.engine import Rows
from metriccare.report.quality_scores import COLUMNS, in_words


def write_scores(found: Rows, wanted: str | None) -> None:
    """Print scores: every column as JSON or CSV, words and percent as a table."""
    if chosen_format(wanted) != "table":
        write_rows(found.columns, found.rows, wanted)
        return
    records = list(found.records())
    if not records:
        sys.stderr.write("No score is published yet. `metriccare run` publishes scores.\n")
        return
    columns, rows = COLUMNS, [in_words(record) for record in records]
    if len({record["tenant"] for record in records}) > 1:
        columns = ("tenant", *columns)
        rows = [(r["tenant"], *row) for r, row in zip(records, rows, strict=True)]
    write_rows(columns, rows, "table")
    if all(record["rows"] == 0 for record in records):
        sys.stderr.write(_NONE)
    sys.stderr.write("Of the rows received in the 30 days up to as_of; -: nothing to judge.\n")


_NONE = "No row arrived in these days. A run with an earlier --as-of does not see later arrivals.\n"
