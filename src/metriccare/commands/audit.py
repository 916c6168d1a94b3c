"""`audit`: who read what of a lake on this machine, and whether the record was changed."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from metriccare.commands.options import (
    DEFAULT_LAKE,
    FormatOption,
    LakeOption,
    example,
)
from metriccare.errors import MetricCareError

app = typer.Typer(help="Who read what, and whether the record was changed.", no_args_is_help=True)
_COLUMNS = ("at", "principal", "role", "tenant", "action", "object", "outcome", "reason")


class AuditDamaged(MetricCareError):
    """A chain of the audit is broken: a row was changed, removed or added by hand."""


@app.command(epilog=example("metriccare audit verify --lake ./lake"))
def verify(lake: LakeOption = DEFAULT_LAKE) -> None:
    """Compute every chain again and compare it with the anchors; exit 1 names what is broken."""
    from metriccare.local.audit_files import verify as verified
    from metriccare.settings import Lake

    faults, heads, count = verified(Lake(lake).folder)
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    if faults:
        raise AuditDamaged(f"The audit is damaged in {len(faults)} places of {count:,} rows.")
    for chain, head in heads.items():
        sys.stdout.write(f"{chain}: row {head.seq}, {head.hash}\n")
    sys.stdout.write(f"{count:,} rows, every chain is whole.\n")


@app.command(epilog=example("metriccare audit who --principal analyst --since 2026-01-01"))
def who(
    principal: Annotated[str | None, typer.Option(help="Rows of one person or program.")] = None,
    object: Annotated[  # noqa: A002
        str | None, typer.Option(help="Part of the dataset or address.")
    ] = None,
    since: Annotated[str | None, typer.Option(help="From this day on.")] = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Print audit rows, the newest first."""
    from metriccare.commands.options import date_of
    from metriccare.commands.printing.output import write_rows
    from metriccare.local.audit_files import rows_of
    from metriccare.settings import Lake

    first = date_of(since, "--since")
    rows = [
        tuple(row[name] for name in _COLUMNS)
        for row in rows_of(Lake(lake).folder)
        if principal in (None, row["principal"])
        and (object is None or object in str(row["object"]))
        and (first is None or str(row["at"]) >= first.isoformat())
    ]
    write_rows(_COLUMNS, rows, format)
