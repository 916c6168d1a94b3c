"""`pause` and `resume`: no run begins while somebody works on a lake."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated

import typer

from metriccare.commands.options import DEFAULT_LAKE, LakeOption, example
from metriccare.commands.printing.progress import Progress
from metriccare.errors import UsageError
from metriccare.settings import Lake
from metriccare.tracking.store import TrackingStore
from metriccare.wiring.storage import is_deployed

app = typer.Typer()


@app.command(epilog=example("metriccare pause --reason 'Copying the tracking table'"))
def pause(
    reason: Annotated[
        str, typer.Option(envvar="METRICCARE_REASON", help="Why; without it, show if it is paused.")
    ] = "",
    lake: LakeOption = DEFAULT_LAKE,
) -> None:
    """Let no run begin until `metriccare resume`; a run at work goes on, files still register."""
    if reason.startswith("-"):
        raise UsageError("--reason wants a text that does not begin with a dash.")
    with Progress() as progress, _store_of(Lake(lake)) as store:
        if reason.strip():
            store.pause(reason.strip())
        paused = store.pause_reason()
        progress.say(f"Paused: {paused}" if paused else "Not paused. To pause: --reason TEXT.")
        if paused and (lease := store.current_lease()):
            progress.say(f"A run is still at work ({lease.owner}); wait until it has ended.")


@app.command(epilog=example("metriccare resume"))
def resume(lake: LakeOption = DEFAULT_LAKE) -> None:
    """Let runs begin again after `metriccare pause`."""
    with Progress() as progress, _store_of(Lake(lake)) as store:
        store.resume()
        progress.say("Runs may begin again. Files that waited go into the next one.")


@contextmanager
def _store_of(lake: Lake) -> Iterator[TrackingStore]:
    if is_deployed(lake):
        from metriccare.wiring.operator import tracking_of

        yield tracking_of(lake)
        return
    from metriccare.wiring.local import local_lake

    with closing(local_lake(lake.root, None).existing_store()) as store:
        yield store
