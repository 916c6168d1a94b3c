"""`marts list|verify|build`: what is published of each tenant, as files."""

from __future__ import annotations

from itertools import product
from typing import Annotated

import typer

from metriccare.commands.options import (
    DEFAULT_LAKE,
    ConfigOption,
    FormatOption,
    LakeOption,
    example,
)
from metriccare.commands.printing.progress import Progress
from metriccare.errors import MetricCareError

app = typer.Typer(help="See, check and write the published marts.", no_args_is_help=True)
_TenantOption = Annotated[
    str | None, typer.Option("--tenant", envvar="METRICCARE_TENANT", help="Only this tenant.")
]


@app.command("list", epilog=example("metriccare marts list --lake ./lake"))
def list_marts(
    tenant: _TenantOption = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """List the published marts: rows, bytes, and the run since which they are unchanged."""
    from metriccare.commands.printing.output import write_rows
    from metriccare.settings import Lake
    from metriccare.wiring.published import marts_of_lake

    files, tenants = marts_of_lake(Lake(lake), tenant)
    rows = []
    for pointers, each in product(files, tenants):
        publication = pointers.current(each)
        for manifest in publication.manifests.values() if publication else ():
            size = sum(file.size for file in manifest.files)
            rows.append((each, manifest.mart, manifest.rows, size, manifest.run_id, manifest.as_of))
    write_rows(("tenant", "mart", "rows", "bytes", "unchanged_since", "as_of"), rows, format)


@app.command(epilog=example("metriccare marts verify"))
def verify(
    tenant: _TenantOption = None,
    format: FormatOption = None,  # noqa: A002
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Read every published file again and compare it with its manifest; exit 1 if one differs."""
    from metriccare.commands.printing.output import write_rows
    from metriccare.query.published.verification import verified
    from metriccare.settings import Lake
    from metriccare.wiring.published import marts_of_lake

    files, tenants = marts_of_lake(Lake(lake), tenant)
    found = [one for pointers, each in product(files, tenants) for one in verified(pointers, each)]
    rows = [(one.tenant, one.mart, one.rows, one.problem or "as published") for one in found]
    write_rows(("tenant", "mart", "rows", "verdict"), rows, format)
    wrong = sum(1 for one in found if one.problem)
    if wrong:
        raise MetricCareError(
            f"{wrong} published marts are not what a run wrote: somebody changed them, or a disk"
            " failed. `metriccare marts build` writes them again from the published tables."
        )


@app.command(epilog=example("metriccare marts build"))
def build(config: ConfigOption = None, lake: LakeOption = DEFAULT_LAKE) -> None:
    """Write the marts again from the published tables; a lake of an earlier version gets its first.

    Every publishing run does so too. A mart that is as it should be is not written.
    """
    from metriccare.wiring.local import local_lake
    from metriccare.wiring.local_upkeep import build_marts_local

    with Progress() as progress:
        written = build_marts_local(local_lake(lake, config), progress.stage)
        for one in written:
            changed = f"{len(one.changed)} marts written" if one.changed else "nothing to write"
            progress.say(f"{one.tenant}: {changed}; publication {one.publication}")
