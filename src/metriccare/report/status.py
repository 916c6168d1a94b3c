"""Where every file and run stands, as rows and in words."""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from metriccare.errors import UsageError
from metriccare.report.output import chosen_format, write_json, write_rows
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from metriccare.tracking.store import TrackingStore

_SHOWN_RUNS = 10
_FILE_COLUMNS = ("source_file", "state", "rows_loaded", "rows_quarantined", "reason")
_RUN_COLUMNS = (
    "run_id",
    "state",
    "stage",
    "started_at",
    "files",
    "rows_in",
    "rows_loaded",
    "rows_quarantined",
    "message",
)


@dataclass(frozen=True)
class LakeStatus:
    """Files by state, the newest runs, how long the oldest file has waited, how old results are."""

    files: dict[str, int]
    rows_loaded: int
    rows_quarantined: int
    oldest_waiting_seconds: float | None
    published_at: datetime | None
    runs: tuple[RunRecord, ...]
    run_files: tuple[FileRecord, ...] = ()
    unreadable: tuple[FileRecord, ...] = ()


def status_of(store: TrackingStore, run_id: str | None, now: datetime) -> LakeStatus:
    """Return the status of a lake, or of one of its runs with its files."""
    runs = store.runs()
    files = store.files()
    waiting = [file.registered_at for file in files if file.state == FileState.REGISTERED]
    chosen = [run for run in runs if run_id in (None, run.run_id)]
    if run_id is not None and not chosen:
        raise UsageError(f"There is no run {run_id}; `metriccare status` lists them.")
    succeeded = [run.ended_at for run in runs if run.state == RunState.SUCCEEDED]
    return LakeStatus(
        files=dict(Counter(str(file.state) for file in files)),
        rows_loaded=sum(file.rows_loaded for file in files),
        rows_quarantined=sum(run.rows_quarantined for run in runs),
        oldest_waiting_seconds=(now - min(waiting)).total_seconds() if waiting else None,
        published_at=max((at for at in succeeded if at), default=None),
        runs=tuple(chosen),
        run_files=tuple(f for f in files if f.run_id == run_id) if run_id else (),
        unreadable=tuple(f for f in files if f.state == FileState.UNREADABLE),
    )


def write_status(status: LakeStatus, wanted: str | None) -> None:
    """Print the status: one JSON object, or the runs as rows with a summary on stderr."""
    form = chosen_format(wanted)
    if form == "json":
        write_json(_as_json(status))
        return
    if form == "table":
        _say_summary(status)
    if status.run_files:
        write_rows(_FILE_COLUMNS, [_pick(file, _FILE_COLUMNS) for file in status.run_files], form)
        return
    shown = status.runs[:_SHOWN_RUNS] if form == "table" else status.runs
    write_rows(_RUN_COLUMNS, [_pick(run, _RUN_COLUMNS) for run in shown], form)


def _pick(record: object, columns: tuple[str, ...]) -> list[Any]:
    return [getattr(record, column) for column in columns]


def _as_json(status: LakeStatus) -> dict[str, Any]:
    return {
        **asdict(status),
        "runs": [asdict(run) for run in status.runs],
        "run_files": [_file_json(file) for file in status.run_files],
        "unreadable": [_file_json(file) for file in status.unreadable],
    }


def _file_json(file: FileRecord) -> dict[str, Any]:
    return {name: value for name, value in asdict(file).items() if name != "location"}


def _say_summary(status: LakeStatus) -> None:
    counts = ", ".join(f"{count:,} {state}" for state, count in sorted(status.files.items()))
    lines = [f"Files: {counts or 'none'}"]
    lines.append(f"Records: {status.rows_loaded:,} loaded, {status.rows_quarantined:,} quarantined")
    if status.oldest_waiting_seconds is not None:
        lines.append(f"Oldest waiting file: {status.oldest_waiting_seconds / 60:,.0f} minutes")
    published = status.published_at
    lines.append(f"Published: {published:%Y-%m-%d %H:%M} UTC" if published else "Published: never")
    lines += [f"Unreadable: {file.source_file}: {file.reason}" for file in status.unreadable]
    sys.stderr.write("\n".join(lines) + "\n\n")
