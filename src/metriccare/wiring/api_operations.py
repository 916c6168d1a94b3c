"""Runs and files of a lake on this machine, as the API shows them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from metriccare import naming
from metriccare.api.operations import Record
from metriccare.api.readiness import CheckFailed
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.monitoring.run_rows import demand_of, refusal_of
from metriccare.settings import Lake
from metriccare.tracking.states import FileRecord, RunRecord, RunState


class LakeOperations:
    """Reads the tracking database, read-only; a lake without one has no runs."""

    def __init__(self, lake: Lake) -> None:
        self._lake = lake
        self._tracking: Path = lake.folder / naming.TRACKING_FILE

    def runs(self, tenant: str) -> list[Record]:
        """Return the runs, the newest first."""
        runs, files = self._read(tenant)
        return [_run(run, files, tenant) for run in runs]

    def run(self, tenant: str, run_id: str) -> Record | None:
        """Return a run with its files by name."""
        runs, files = self._read(tenant)
        found = next((run for run in runs if run.run_id == run_id), None)
        if found is None:
            return None
        shown = [_file(file) for file in files if file.run_id == run_id]
        return {**_run(found, files, tenant), "files": shown}

    def drift(self, tenant: str) -> list[Record]:
        """Return the fields that nobody reads, those most often sent first."""
        from metriccare.query.drift import drift
        from metriccare.wiring.queries import open_engine

        found = drift(open_engine(self._lake)).records()
        return [row for row in found if row["tenant"] == tenant]

    def check(self) -> str:
        """Return what is tracked, in words; an error if the database cannot be read."""
        if not self._tracking.is_file():
            return "no file was taken in yet"
        with closing(SqliteTracking.read_only(self._tracking)) as store:
            return f"runs: {len(store.runs())}"

    def check_last_run(self) -> str:
        """Return how the newest run ended; CheckFailed if it failed."""
        if not self._tracking.is_file():
            return "no run yet"
        with closing(SqliteTracking.read_only(self._tracking)) as store:
            newest = max(store.runs(), key=lambda run: run.started_at, default=None)
        if newest is None:
            return "no run yet"
        if newest.state in (RunState.FAILED, RunState.REFUSED):
            raise CheckFailed(f"{newest.run_id} {newest.state}: `metriccare status` says why")
        return f"{newest.run_id} {newest.state}"

    def _read(self, tenant: str) -> tuple[list[RunRecord], list[FileRecord]]:
        if not self._tracking.is_file():
            return [], []
        with closing(SqliteTracking.read_only(self._tracking)) as store:
            runs = sorted(store.runs(), key=lambda run: run.started_at, reverse=True)
            return runs, [file for file in store.files() if file.tenant == tenant]


def _run(run: RunRecord, files: Sequence[FileRecord], tenant: str) -> Record:
    """Return a run with its counts of one tenant's files; reasons are those of the tenant.

    The gate's own sentence would name counts that figures hide: `metriccare status` has it.
    """
    own = [file for file in files if file.run_id == run.run_id]
    refused = refusal_of(run, tenant)
    return {
        "run_id": run.run_id,
        "state": run.state,
        "stage": run.stage,
        "as_of": run.as_of,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "files": len(own),
        "files_by_state": dict(Counter(str(file.state) for file in own)),
        "rows_loaded": sum(file.rows_loaded for file in own),
        "rows_quarantined": sum(file.rows_quarantined for file in own),
        "refused_gate": refused.gate if refused else None,
        "refused_because": demand_of(refused.gate) if refused else None,
        "accept": f"metriccare run --accept {run.run_id}" if refused else None,
    }


def _file(file: FileRecord) -> Record:
    return {
        "file": Path(file.source_file).name,
        "state": str(file.state),
        "size": file.size,
        "registered_at": file.registered_at,
        "rows_loaded": file.rows_loaded,
        "rows_quarantined": file.rows_quarantined,
    }
