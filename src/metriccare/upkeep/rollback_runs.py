"""Decides which run can be rolled back, and registers its files again."""

from __future__ import annotations

from dataclasses import replace

from metriccare.errors import UsageError
from metriccare.tracking.again import THROUGH, send_again
from metriccare.tracking.pending import ERASED, Tenants, is_of, unpublished
from metriccare.tracking.states import FileState, Lease, RunRecord, RunState
from metriccare.tracking.store import TrackingStore


def run_to_roll_back(store: TrackingStore, run_id: str) -> RunRecord:
    """Return the run; UsageError if it is not the newest valid run, or is an erasure."""
    runs = store.runs()
    asked = next((run for run in runs if run.run_id == run_id), None)
    if asked is None:
        raise UsageError(f"There is no run {run_id}. `metriccare status` lists the runs.")
    if asked.state is RunState.ROLLED_BACK:
        raise UsageError(f"{run_id} is rolled back already; `metriccare run` processes its files.")
    newest = next(run for run in runs if run.state is not RunState.ROLLED_BACK)
    if newest.run_id != run_id:
        raise UsageError(
            f"{newest.run_id} came after {run_id}, and only the newest run can be rolled back."
            " Roll that one back first, or process files again with `metriccare replay`."
        )
    if asked.stage == ERASED:
        raise UsageError("An erasure cannot be rolled back: what it removed no longer exists.")
    return asked


def give_up(store: TrackingStore, lease: Lease, run: RunRecord) -> int:
    """Mark a run as rolled back and register its files again; return how many files.

    They include the files of earlier runs that failed, because this run published those.
    """
    published = _published_by(store, run)
    files = [file for file in store.files() if file.state in THROUGH and is_of(file, published)]
    moved = send_again(store, lease, files)
    _mark_set_aside(store, lease, run)
    store.put_run(replace(run, state=RunState.ROLLED_BACK))
    return moved


def _mark_set_aside(store: TrackingStore, lease: Lease, run: RunRecord) -> None:
    """Mark files set aside, so that their rows are removed again: silver may have them again."""
    aside = store.files(FileState.SET_ASIDE)
    changes = {f.file_id: {"run_id": run.run_id} for f in aside if f.sequence and not f.run_id}
    store.move(lease, list(changes), FileState.SET_ASIDE, FileState.SET_ASIDE, changes)


def _published_by(store: TrackingStore, run: RunRecord) -> dict[str, Tenants]:
    """Return the run and the earlier runs whose rows it published, each with its tenants."""
    earlier = [other for other in store.runs() if other.epoch < run.epoch]
    return {run.run_id: None} | unpublished(earlier)
