"""`audit`: who read what of a lake on this machine, and whether the record was changed."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from metriccare.commands.options import (
    DEFAULT_LAKE,
    FormatOption,
    LakeOption,
    TenantOption,
    example,
)
from metriccare.errors import MetricCareError
from metriccare.naming import DEFAULT_TENANT

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
    patient: Annotated[
        str | None, typer.Option(metavar="ID", help="Who saw the records of this person.")
    ] = None,
    tenant: TenantOption = DEFAULT_TENANT,
    since: Annotated[str | None, typer.Option(help="From this day on.")] = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Print audit rows, the newest first.

    A person's id is compared by the keyed hash that the audit holds; --tenant says whose person.
    """
    from metriccare.access.pseudonyms import Pseudonyms
    from metriccare.commands.options import date_of
    from metriccare.commands.printing.output import write_rows
    from metriccare.local.audit_files import rows_of
    from metriccare.local.secrets_folder import secret_of
    from metriccare.settings import Lake

    first, folder = date_of(since, "--since"), Lake(lake).folder
    seen = None
    if patient is not None:
        seen = Pseudonyms(secret_of(folder, "pseudonyms")).in_audit(tenant, patient)
    rows = [
        tuple(row[name] for name in _COLUMNS)
        for row in rows_of(folder)
        if principal in (None, row["principal"])
        and (object is None or object in str(row["object"]))
        and (seen is None or seen in row["patient_hash"])
        and (first is None or str(row["at"]) >= first.isoformat())
    ]
    write_rows(_COLUMNS, rows, format)
