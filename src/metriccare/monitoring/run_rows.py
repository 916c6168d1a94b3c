"""The rows of the published mart `run`: every run, with what it took in of one tenant.

A published file follows the rule of publication: a count of 1 to 10 records may be of few people,
so it is hidden, with what would give it away by subtraction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from metriccare.disclosure.cell_size import SMALLEST_SHOWN
from metriccare.errors import Refusal
from metriccare.quality.gates import GATES
from metriccare.tracking.states import FileRecord, RunRecord, RunState

Record = dict[str, Any]
# A year of runs, one a day, and those of busy days.
MOST_RUNS = 400
_DEMANDS = {gate.id: gate.sentence for gate in GATES}
_FIXES = {gate.id: gate.fix for gate in GATES}
_NOT_ENDED = "The gate is not known to this version."


def demand_of(gate: str) -> str:
    """Return what a gate demands, in words. Its refusals name counts, which may be hidden ones."""
    return _DEMANDS.get(gate, _NOT_ENDED)


def fix_of(gate: str) -> str:
    """Return what a person can do about a gate's refusal."""
    return _FIXES.get(gate, "`metriccare status` says why.")


def refusal_of(run: RunRecord, tenant: str) -> Refusal | None:
    """Return why a run did not publish a tenant; None if it did, or failed for all."""
    return next((each for each in run.refused if each.tenant == tenant), None)


def run_rows(runs: Sequence[RunRecord], files: Iterable[FileRecord], tenant: str) -> list[Record]:
    """Return a row for each run that has ended; runs are newest first, files are the tenant's."""
    by_run: dict[str, list[FileRecord]] = defaultdict(list)
    for file in files:
        if file.run_id is not None:
            by_run[file.run_id].append(file)
    ended = [run for run in runs if run.state is not RunState.RUNNING]
    return [_row(run, by_run[run.run_id], tenant) for run in ended[:MOST_RUNS]]


def _row(run: RunRecord, files: Sequence[FileRecord], tenant: str) -> Record:
    refused = refusal_of(run, tenant)
    loaded = sum(file.rows_loaded for file in files)
    rejected = sum(file.rows_quarantined for file in files)
    is_hidden = any(0 < count < SMALLEST_SHOWN for count in (loaded, rejected))
    counts = (None, None, None) if is_hidden else (loaded + rejected, loaded, rejected)
    names = ("rows_received", "rows_loaded", "rows_quarantined")
    return {
        "tenant": tenant,
        "run_id": run.run_id,
        "state": str(run.state),
        "stage": run.stage,
        "data_as_of": date.fromisoformat(run.as_of) if run.as_of else None,
        "started_at": run.started_at,
        "ended_at": run.ended_at,
        "files": len(files),
        **dict(zip(names, counts, strict=True)),
        "suppressed": is_hidden,
        "refused_gate": refused.gate if refused else None,
        "refused_because": demand_of(refused.gate) if refused else None,
    }
