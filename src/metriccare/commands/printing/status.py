"""The state of files and runs, as `metriccare status` prints it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from metriccare.causes import printable
from metriccare.commands.printing.output import chosen_format, write_json, write_rows
from metriccare.report.status import FILE_COLUMNS, LakeStatus
from metriccare.tracking.states import FileRecord, RunRecord, RunState

_SHOWN_RUNS = 10
# A table names so many persons; JSON gives all.
_SHOWN_PERSONS = 20
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


def write_status(status: LakeStatus, wanted: str | None) -> None:
    """Print the status: one JSON object, or the runs as rows with a summary on stderr."""
    form = chosen_format(wanted)
    if form == "json":
        write_json(_as_json(status))
        return
    if form == "table":
        _say_summary(status)
    if status.run_files:
        write_rows(FILE_COLUMNS, [tuple(file.row().values()) for file in status.run_files], form)
        return
    shown = status.runs[:_SHOWN_RUNS] if form == "table" else status.runs
    write_rows(_RUN_COLUMNS, [_pick(run, _RUN_COLUMNS) for run in shown], form)


def _pick(record: object, columns: tuple[str, ...]) -> list[Any]:
    return [getattr(record, column) for column in columns]


def _as_json(status: LakeStatus) -> dict[str, Any]:
    return {
        **asdict(status),
        "runs": [_run_json(run) for run in status.runs],
        "run_files": [_file_json(one.file) | one.row() for one in status.run_files],
        "unreadable": [_file_json(file) for file in status.unreadable],
        "set_aside": [_file_json(file) for file in status.set_aside],
    }


def _run_json(run: RunRecord) -> dict[str, Any]:
    return asdict(run) | {"refused": [refusal._asdict() for refusal in run.refused]}


def _file_json(file: FileRecord) -> dict[str, Any]:
    return {name: value for name, value in asdict(file).items() if name != "location"}


def _say_summary(status: LakeStatus) -> None:
    counts = ", ".join(f"{count:,} {state}" for state, count in sorted(status.files.items()))
    lines = [f"Paused: {status.paused}; runs begin after `metriccare resume`"] * bool(status.paused)
    lines.append(f"Files: {counts or 'none'}")
    lines.append(
        f"Records: {status.rows_in:,} received = {status.rows_loaded:,} loaded"
        f" + {status.rows_quarantined:,} in quarantine"
    )
    lines += [f"  {count:,} {rule}" for rule, count in sorted(status.rejects.items())]
    if status.rejects:
        lines.append(
            "  See them: metriccare quarantine list; send them again: metriccare quarantine redrive"
        )
    if status.oldest_waiting_seconds is not None:
        lines.append(f"Oldest waiting file: {status.oldest_waiting_seconds / 60:,.0f} minutes")
    lines += _refused_lines(status)
    lines += _not_computed_lines(status.persons_not_computed)
    published = status.published_at
    lines.append(f"Published: {published:%Y-%m-%d %H:%M} UTC" if published else "Published: never")
    lines += [f"Unreadable: {file.source_file}: {file.reason}" for file in status.unreadable]
    lines += [
        f"Set aside: {file.source_file} ({file.file_id}): {file.reason}"
        for file in status.set_aside
    ]
    if status.set_aside:
        lines.append("  Take one back: metriccare quarantine file FILE_ID --release")
    sys.stderr.write("\n".join(map(printable, lines)) + "\n\n")


def _not_computed_lines(persons: Sequence[Mapping[str, Any]]) -> list[str]:
    if not persons:
        return []
    more = len(persons) - _SHOWN_PERSONS
    return [
        f"Persons not computed: {len(persons):,}; their rows stay as they were, every run tries"
        " again",
        *[
            f"  {one['person_id']} of tenant {one['tenant']}: {one['error']} at {one['place']},"
            f" since {one['since_run']}"
            for one in persons[:_SHOWN_PERSONS]
        ],
        *([f"  and {more:,} more (--format json)"] if more > 0 else []),
    ]


def _refused_lines(status: LakeStatus) -> list[str]:
    lines = [
        f"Tenant {one['tenant']} refused by gate {one['gate']} in {one['run_id']}:"
        f" {one['sentence']}"
        for one in status.refused_tenants
    ]
    if lines:
        run_id = status.refused_tenants[0]["run_id"]
        lines.append(
            "  Their results stay as they were, their files wait, and every run tries again."
            f" To publish a doubt as it is: metriccare run --accept {run_id}"
        )
    # Refusals of earlier versions named no tenants.
    last = status.runs[:1]
    return lines + [
        f"Last run refused: {run.message}"
        for run in last
        if run.state is RunState.REFUSED and not run.refused
    ]
