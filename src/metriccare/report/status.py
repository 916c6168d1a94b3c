"""The state of every file and run of a lake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from metriccare.errors import UsageError
from metriccare.query.engine import SqlEngine
from metriccare.tracking.pending import last_judged
from metriccare.tracking.states import PUBLISHED_RUNS, FileRecord, FileState, RunRecord
from metriccare.tracking.store import TrackingStore

_REJECTS = (
    "SELECT file_id, rule_id, count(*) FROM bronze.quarantine WHERE redriven_run_id IS NULL"
    " GROUP BY file_id, rule_id ORDER BY file_id, rule_id"
)
_NOT_COMPUTED = (
    "SELECT tenant, person_id, error, place, since_run_id AS since_run"
    " FROM gold.person_not_computed ORDER BY tenant, person_id"
)
FILE_COLUMNS = (
    "source_file",
    "state",
    "rows_in",
    "rows_loaded",
    "rows_quarantined",
    "rows_passed",
    "reason",
    "file_id",
)


@dataclass(frozen=True)
class FileAccount:
    """The result of one file: every record it gave is loaded or in quarantine, and why."""

    file: FileRecord
    rejects: Mapping[str, int]

    @property
    def rows_in(self) -> int:
        """Return the records it gave."""
        return self.file.rows_loaded + self.file.rows_quarantined

    @property
    def rows_quarantined(self) -> int:
        """Return the records in quarantine, rejected on reception or by a row rule."""
        return sum(self.rejects.values())

    @property
    def rows_loaded(self) -> int:
        """Return the records that are loaded."""
        return self.rows_in - self.rows_quarantined

    @property
    def rows_passed(self) -> int | None:
        """Return the entries that are no records and were passed over."""
        return self.file.rows_passed

    @property
    def reason(self) -> str | None:
        """Return why it is unreadable, set aside or empty, or by which rules it lost records."""
        if self.file.reason is not None:
            return self.file.reason
        if self.rejects:
            return ", ".join(f"{count:,} {rule}" for rule, count in self.rejects.items())
        went_through = self.file.state in (FileState.LOADED, FileState.PUBLISHED)
        if not went_through or self.rows_in:
            return None
        passed = self.file.rows_passed
        return "it holds no records" + (f"; {passed:,} entries are passed over" if passed else "")

    @property
    def file_id(self) -> str:
        """Return the file's id, by which commands name it."""
        return self.file.file_id

    def row(self) -> dict[str, Any]:
        """Return the file as people read it."""
        own = {"source_file": self.file.source_file, "state": str(self.file.state)}
        return own | {name: getattr(self, name) for name in FILE_COLUMNS[2:]}


@dataclass(frozen=True)
class LakeStatus:
    """Files by state, the newest runs, how long the oldest file has waited, how old results are.

    `refused_tenants` are those whose newest results a gate holds back, with the run that was
    refused; `persons_not_computed` those whose rows are old, because the rules fail on them.
    """

    files: dict[str, int]
    rows_in: int
    rows_loaded: int
    rows_quarantined: int
    rejects: dict[str, int]
    oldest_waiting_seconds: float | None
    published_at: datetime | None
    runs: tuple[RunRecord, ...]
    run_files: tuple[FileAccount, ...] = ()
    unreadable: tuple[FileRecord, ...] = ()
    set_aside: tuple[FileRecord, ...] = ()
    refused_tenants: tuple[dict[str, str], ...] = ()
    persons_not_computed: tuple[dict[str, Any], ...] = ()
    paused: str | None = None


def status_of(
    store: TrackingStore, engine: SqlEngine, run_id: str | None, now: datetime
) -> LakeStatus:
    """Return the status of a lake, or of one of its runs with its files."""
    runs = store.runs()
    chosen = [run for run in runs if run_id in (None, run.run_id)]
    if run_id is not None and not chosen:
        raise UsageError(f"There is no run {run_id}; `metriccare status` lists them.")
    accounts = _accounts(store.files(), engine)
    files = [account.file for account in accounts]
    waiting = [file.registered_at for file in files if file.state == FileState.REGISTERED]
    published = [run.ended_at for run in runs if run.state in PUBLISHED_RUNS]
    return LakeStatus(
        files=dict(Counter(str(file.state) for file in files)),
        rows_in=sum(account.rows_in for account in accounts),
        rows_loaded=sum(account.rows_loaded for account in accounts),
        rows_quarantined=sum(account.rows_quarantined for account in accounts),
        rejects=dict(sum((Counter(a.rejects) for a in accounts), Counter())),
        oldest_waiting_seconds=(now - min(waiting)).total_seconds() if waiting else None,
        published_at=max((at for at in published if at), default=None),
        runs=tuple(chosen),
        run_files=tuple(a for a in accounts if a.file.run_id == run_id) if run_id else (),
        unreadable=tuple(f for f in files if f.state == FileState.UNREADABLE),
        set_aside=tuple(f for f in files if f.state == FileState.SET_ASIDE),
        refused_tenants=_refused_tenants(runs),
        persons_not_computed=tuple(engine.query(_NOT_COMPUTED).records()),
        paused=store.pause_reason(),
    )


def _refused_tenants(runs: Sequence[RunRecord]) -> tuple[dict[str, str], ...]:
    """Return the refusals in force, each with its run."""
    last = last_judged(runs)
    if last is None:
        return ()
    return tuple({**refusal._asdict(), "run_id": last.run_id} for refusal in last.refused)


def _accounts(files: Sequence[FileRecord], engine: SqlEngine) -> list[FileAccount]:
    rejects: dict[str, dict[str, int]] = {}
    for file_id, rule_id, count in engine.query(_REJECTS).rows:
        rejects.setdefault(file_id, {})[rule_id] = count
    # What tables still hold of a file that was set aside leaves them with the next run.
    return [
        FileAccount(
            file, {} if file.state == FileState.SET_ASIDE else rejects.get(file.file_id, {})
        )
        for file in files
    ]
