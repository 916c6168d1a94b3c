"""`pause` and `resume`: no run begins while somebody works on a lake."""

from __future__ import annotations

from typing import Annotated

import typer

from metriccare.commands.options import DEFAULT_LAKE, LakeOption, check_reason, example
from metriccare.commands.printing.progress import Progress
from metriccare.settings import Lake

app = typer.Typer()


@app.command(epilog=example("metriccare pause --reason 'Copying the tracking table'"))
def pause(
    reason: Annotated[
        str, typer.Option(envvar="METRICCARE_REASON", help="Why; without it, show if it is paused.")
    ] = "",
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Let no run begin until `metriccare resume`; a run at work goes on, files still register."""
    from metriccare.wiring.local import LocalLake
    from metriccare.wiring.tracking import opened_tracking

    check_reason(reason)
    with (
        Progress() as progress,
        opened_tracking(Lake(lake), LocalLake.existing_store) as store,
    ):
        if reason.strip():
            store.pause(reason.strip())
        paused = store.pause_reason()
        progress.say(f"Paused: {paused}" if paused else "Not paused. To pause: --reason TEXT.")
        if paused and (lease := store.current_lease()):
            progress.say(f"A run is still at work ({lease.owner}); wait until it has ended.")


@app.command(epilog=example("metriccare resume"))
def resume(lake: LakeOption = DEFAULT_LAKE) -> None:
    """Let runs begin again after `metriccare pause`."""
    from metriccare.wiring.local import LocalLake
    from metriccare.wiring.tracking import opened_tracking

    with (
        Progress() as progress,
        opened_tracking(Lake(lake), LocalLake.existing_store) as store,
    ):
        store.resume()
        progress.say("Runs may begin again. Files that waited go into the next one.")
