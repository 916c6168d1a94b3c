"""Which run can be rolled back, and what becomes of its files."""

from __future__ import annotations

from dataclasses import replace

from metriccare.errors import UsageError
from metriccare.tracking.again import THROUGH, send_again
from metriccare.tracking.pending import ERASED, Tenants, is_of, unpublished
from metriccare.tracking.states import FileState, Lease, RunRecord, RunState
from metriccare.tracking.store import TrackingStore


def run_to_roll_back(store: TrackingStore, run_id: str) -> RunRecord:
    """Return the run; UsageError unless it is the newest that stands and no erasure."""
    runs = store.runs()
    wanted = next((run for run in runs if run.run_id == run_id), None)
    if wanted is None:
        raise UsageError(f"There is no run {run_id}. `metriccare status` lists the runs.")
    if wanted.state is RunState.ROLLED_BACK:
        raise UsageError(f"{run_id} is rolled back already; `metriccare run` takes its files up.")
    newest = next(run for run in runs if run.state is not RunState.ROLLED_BACK)
    if newest.run_id != run_id:
        raise UsageError(
            f"{newest.run_id} came after {run_id}, and only the newest run can be rolled back."
            " Roll that one back first, or send files through again with `metriccare replay`."
        )
    if wanted.stage == ERASED:
        raise UsageError("An erasure cannot be rolled back: what it removed is gone.")
    return wanted


def give_up(store: TrackingStore, lease: Lease, run: RunRecord) -> int:
    """Mark a run as rolled back and register its files again; return how many files.

    With them go the files of the runs before it that never ended well: it published those.
    """
    published = _published_by(store, run)
    files = [file for file in store.files() if file.state in THROUGH and is_of(file, published)]
    moved = send_again(store, lease, files)
    _mark_set_aside(store, lease, run)
    store.put_run(replace(run, state=RunState.ROLLED_BACK))
    return moved


def _mark_set_aside(store: TrackingStore, lease: Lease, run: RunRecord) -> None:
    """Have rows of files set aside taken out once more: silver may hold them again."""
    aside = store.files(FileState.SET_ASIDE)
    changes = {f.file_id: {"run_id": run.run_id} for f in aside if f.sequence and not f.run_id}
    store.move(lease, list(changes), FileState.SET_ASIDE, FileState.SET_ASIDE, changes)


def _published_by(store: TrackingStore, run: RunRecord) -> dict[str, Tenants]:
    """Return the run and those before it whose rows it published, with the tenants concerned."""
    earlier = [other for other in store.runs() if other.epoch < run.epoch]
    return {run.run_id: None} | unpublished(earlier)
