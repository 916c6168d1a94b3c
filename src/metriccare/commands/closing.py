"""`close`: keep a month's KPIs of the revenue cycle as they are known on its last day."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

import typer

from metriccare import naming
from metriccare.commands.options import (
    DEFAULT_LAKE,
    AsOfOption,
    ConfigOption,
    EngineOption,
    LakeOption,
    TenantOption,
    date_of,
    example,
)
from metriccare.commands.printing.progress import Progress
from metriccare.settings import Lake
from metriccare.upkeep.month import month_of
from metriccare.wiring.storage import is_deployed

app = typer.Typer()


@app.command(epilog=example("metriccare close 2024-03"))
def close(
    month: Annotated[str, typer.Argument(metavar="MONTH", help="The month, such as 2024-03.")],
    reopen: Annotated[
        str | None,
        typer.Option(
            metavar="REASON", help="Close a closed month once more: why. The first close is kept."
        ),
    ] = None,
    tenant: TenantOption = naming.DEFAULT_TENANT,
    as_of: AsOfOption = None,
    engine: EngineOption = None,
    lake: LakeOption = DEFAULT_LAKE,
    config: ConfigOption = None,
) -> None:
    """Keep a month's KPIs as they are known on its last day, beside the restated ones.

    Closed figures never change: later files, corrections and rules restate `kpi_result`, and the
    view `kpi_close_history` shows both and the difference.
    """
    first, when = month_of(month), date_of(as_of, "--as-of")
    with Progress() as progress:
        if is_deployed(Lake(lake)):
            _close_deployed(Lake(lake), _choice(month, tenant, reopen, when), progress)
            return
        from metriccare.upkeep.close_month import MonthToClose
        from metriccare.wiring.local import local_lake
        from metriccare.wiring.local_upkeep import close_local

        asked = MonthToClose(first, (tenant,), reopen)
        here = local_lake(lake, config, engine)
        closed = close_local(here, asked, when, progress.stage)
        progress.say(
            f"{month} is closed: {closed.figures:,} figures of tenant {tenant} are kept as they"
            " were. The view kpi_close_history shows them beside the restated ones."
        )


def _choice(month: str, tenant: str, reopen: str | None, as_of: date | None) -> dict[str, str]:
    given = {"--reason": reopen, "--as-of": as_of and f"{as_of}"}
    return {"--month": month, "--tenant": tenant} | {k: v for k, v in given.items() if v}


def _close_deployed(lake: Lake, choice: Mapping[str, str], progress: Progress) -> None:
    from metriccare.wiring.operator import close_deployed

    close_deployed(lake, choice, progress.stage)
    progress.say(
        f"{choice['--month']} is closed for tenant {choice['--tenant']}: its figures are kept as"
        " they were. The view kpi_close_history shows them beside the restated ones."
    )
