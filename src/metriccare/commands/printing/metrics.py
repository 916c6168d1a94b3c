"""Published measures and KPIs as `metriccare metrics` prints them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

from metriccare.commands.printing.output import chosen_format, write_rows
from metriccare.query.engine import Rows
from metriccare.report import published_kpis
from metriccare.report.figures import (
    count_text,
    interval_text,
    measure_of,
    period_text,
    value_text,
    with_unique_names,
)
from metriccare.tables.strata import OVERALL

_COLUMNS = (
    "measure",
    "period",
    "stratum",
    "value",
    "95 % interval",
    "numerator",
    "denominator",
)


def write_metrics(found: Rows, wanted: str | None) -> None:
    """Print results: every column as JSON or CSV, words and units as a table."""
    if chosen_format(wanted) != "table":
        write_rows(found.columns, found.rows, wanted)
        return
    if not found.rows:
        sys.stderr.write("Nothing is published for this yet. `metriccare run` publishes results.\n")
        return
    records = with_unique_names(list(found.records()), "stratum_label", "stratum_value")
    _write_table(records, _COLUMNS, [_words(record) for record in records])


def write_kpis(found: Rows, wanted: str | None) -> None:
    """Print KPIs of the revenue cycle: every column as JSON or CSV, words and units as a table."""
    if chosen_format(wanted) != "table":
        write_rows(found.columns, found.rows, wanted)
        return
    if not found.rows:
        sys.stderr.write("No KPI is published for this yet: it needs claims and their answers.\n")
        return
    records = list(found.records())
    rows = [published_kpis.in_words(record) for record in records]
    _write_table(records, published_kpis.COLUMNS, rows)


def _write_table(
    records: Sequence[dict[str, Any]], columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> None:
    """Print records in words, with the tenant where there are several, and how new they are."""
    if len({record["tenant"] for record in records}) > 1:
        columns = ("tenant", *columns)
        rows = [(r["tenant"], *row) for r, row in zip(records, rows, strict=True)]
    write_rows(columns, rows, "table")
    sys.stderr.write(f"Data complete up to {max(r['as_of'] for r in records)}.\n")


def _words(record: dict[str, Any]) -> tuple[str, ...]:
    measure = measure_of(record["measure_id"])
    hidden = bool(record["suppressed"])
    return (
        measure.id,
        period_text(record["grain"], record["period_start"]),
        record["stratum_label"] if record["stratum_type"] != OVERALL else "all",
        value_text(measure, record),
        interval_text(measure, record),
        count_text(record["numerator"], suppressed=hidden),
        count_text(record["denominator"], suppressed=hidden),
    )
