"""What waits to be processed, asked of the tracking store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from metriccare import naming
from metriccare.tracking.states import PUBLISHED_RUNS, FileRecord, FileState, RunRecord, RunState
from metriccare.tracking.store import TrackingStore

# The stage of a run that erased a person.
ERASED = "erased"
_WAITING = (FileState.REGISTERED, FileState.CLAIMED, FileState.LOADED)
# About how well FHIR's JSON compresses.
_GZIP_RATIO = 12
# A run in one of these states may have written a part of its tables.
_HALF_DONE = frozenset({RunState.RUNNING, RunState.FAILED})
# A run in one of these states came as far as the gates.
_JUDGED = PUBLISHED_RUNS | {RunState.REFUSED}

# The tenants whose rows of a run are not published yet; None for all tenants.
Tenants = frozenset[str] | None


def is_pending(store: TrackingStore) -> bool:
    """Return whether a run has work: files that wait, or rows of a file that was set aside."""
    return any(store.files(state) for state in _WAITING) or bool(set_aside_with_rows(store))


def waiting(store: TrackingStore) -> int:
    """Return how many files a run would take up or continue."""
    return sum(len(store.files(state)) for state in _WAITING)


def waiting_bytes(store: TrackingStore) -> int:
    """Return about how many bytes a run would take up or continue, unpacked."""
    return sum(_plain_size(file) for state in _WAITING for file in store.files(state))


def _plain_size(file: FileRecord) -> int:
    return file.size * (_GZIP_RATIO if file.source_file.endswith(".gz") else 1)


def broke_off(store: TrackingStore) -> bool:
    """Return True if the last run began and did not end well: its tables may be half written."""
    return any(run.state in _HALF_DONE for run in store.runs(limit=1))


def pending_runs(store: TrackingStore, run_id: str) -> dict[str, Tenants]:
    """Return the runs whose rows are not published yet, this one included, in order of time.

    Those whose files are loaded, and every run since the last that published: one that died may
    have written silver rows of files another run had loaded. Of a run that published some tenants
    only the rows of the others are pending.
    """
    loaded = {file.run_id for file in store.files(FileState.LOADED) if file.run_id}
    pending: dict[str, Tenants] = dict.fromkeys({*loaded, run_id})
    pending |= unpublished(store.runs())
    return dict(sorted(pending.items()))


def unpublished(runs: Sequence[RunRecord]) -> dict[str, Tenants]:
    """Return the runs since the last one that published every tenant, with the tenants missing.

    Runs are newest first. A tenant that a later run published is published as a whole.
    """
    found: dict[str, Tenants] = {}
    missing: Tenants = None
    for run in runs:
        if _publishes(run):
            refused = run.refused_tenants
            missing = refused if missing is None else missing & refused
            if not missing:
                break
        found[run.run_id] = missing
    return found


def _publishes(run: RunRecord) -> bool:
    """Return True if a run published. An erasure succeeds too, but takes nothing in."""
    return run.state in PUBLISHED_RUNS and run.stage != ERASED


def rebuilding(runs: Sequence[RunRecord]) -> frozenset[str]:
    """Return the tenants with a rebuild that was asked for and not published; EVERY_TENANT for all.

    Runs are newest first. The next run continues a rebuild that failed or was refused.
    """
    found: set[str] = set()
    missing = unpublished(runs)
    for run in (run for run in runs if run.rebuild and run.run_id in missing):
        tenants, asked = missing[run.run_id], set(run.rebuild)
        if tenants is None:
            found |= asked
        else:
            found |= tenants if naming.EVERY_TENANT in asked else tenants & asked
    return frozenset(found)


def rebuilt(runs: Iterable[RunRecord], tenant: str) -> RunRecord | None:
    """Return the newest run that rebuilt a tenant and published it; runs are newest first."""
    return next(
        (
            run
            for run in runs
            if _publishes(run)
            and not {tenant, naming.EVERY_TENANT}.isdisjoint(run.rebuild)
            and tenant not in run.refused_tenants
        ),
        None,
    )


def last_published(runs: Iterable[RunRecord], tenant: str) -> str | None:
    """Return the newest run that published a tenant; runs are newest first."""
    return next(
        (run.run_id for run in runs if _publishes(run) and tenant not in run.refused_tenants), None
    )


def last_judged(runs: Iterable[RunRecord]) -> RunRecord | None:
    """Return the newest run the gates have judged: its refusals are in force."""
    return next((run for run in runs if run.state in _JUDGED and run.stage != ERASED), None)


def is_of(file: FileRecord, pending: Mapping[str, Tenants]) -> bool:
    """Return True if a file belongs to the runs and tenants given."""
    if file.run_id is None or file.run_id not in pending:
        return False
    tenants = pending[file.run_id]
    return tenants is None or file.tenant in tenants


def taken_again(store: TrackingStore) -> tuple[FileRecord, ...]:
    """Return the files whose resources silver decides again.

    They are on their way through once more, by replay or after a rollback, or were set aside when
    tables held rows of them.
    """
    again = tuple(file for file in store.files(FileState.LOADED) if file.replays)
    return again + set_aside_with_rows(store)


def set_aside_with_rows(store: TrackingStore) -> tuple[FileRecord, ...]:
    """Return the files set aside of which tables may still hold rows."""
    return tuple(file for file in store.files(FileState.SET_ASIDE) if file.run_id)
