"""Rejected records as a person may see them: where they stood, why, and on request what they held.

A record is `open` until the run named in `redriven_run_id` took it in after all (`redriven`), or
until a version of its resource that arrived later was loaded (`superseded`).
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metriccare.errors import UsageError
from metriccare.query.engine import Rows, SqlEngine
from metriccare.report.output import chosen_format, write_rows
from metriccare.tables.silver import BY_RESOURCE
from metriccare.tracking.states import FileState
from metriccare.tracking.store import TrackingStore

OPEN, REDRIVEN, SUPERSEDED = "open", "redriven", "superseded"
_SHOWN = ("source_file", "source_line", "rule_id", "reason", "resource_type", "resource_id")
_COLUMNS = (*_SHOWN, "run_id", "tenant", "state", "redriven_run_id")
FILE_COLUMNS = ("file_id", "source_file", "tenant", "state", "reason", "registered_at")
_SQL = (
    "SELECT source_file, source_line, rule_id, reason, resource_type, resource_id, run_id, tenant,"
    " redriven_run_id, file_id, record_key, ordering"
    " FROM bronze.quarantine ORDER BY source_file, source_line, rule_id"
)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Choice:
    """Which rejected records are meant; what is None does not restrict them."""

    run_id: str | None = None
    rule_id: str | None = None
    source_file: str | None = None
    source_line: int | None = None

    def holds(self, row: Row) -> bool:
        """Tell whether a record is meant."""
        wanted = vars(self).items()
        return all(value is None or row[name] == value for name, value in wanted)


def chosen(engine: SqlEngine, choice: Choice) -> list[dict[str, Any]]:
    """Return the records meant, with their `state` and without their content."""
    rows = [dict(row) for row in engine.query(_SQL).records() if choice.holds(row)]
    newest = _newest_loaded(engine, rows)
    return [{**row, "state": _state(row, newest)} for row in rows]


def _state(row: Row, newest: Mapping[tuple[Any, ...], int]) -> str:
    if row["redriven_run_id"] is not None:
        return REDRIVEN
    loaded = newest.get((row["resource_type"], row["tenant"], row["resource_id"]))
    return SUPERSEDED if loaded is not None and loaded > row["ordering"] else OPEN


def _newest_loaded(engine: SqlEngine, rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], int]:
    """Return when the silver row of each rejected resource arrived, in order of arrival."""
    found: dict[tuple[Any, ...], int] = {}
    types = {row["resource_type"] for row in rows if row["resource_id"] is not None}
    for kind in sorted(types & BY_RESOURCE.keys()):
        sql = (
            f"SELECT tenant, id, ingest_sequence FROM {BY_RESOURCE[kind].full_name} WHERE id IN"  # noqa: S608
            " (SELECT resource_id FROM bronze.quarantine)"
        )
        found |= {(kind, tenant, id_): at for tenant, id_, at in engine.query(sql).rows}
    return found


def rejected(engine: SqlEngine, choice: Choice, *, every: bool) -> Rows:
    """Return the open records meant, or also those that are settled; say how many are left out."""
    rows = chosen(engine, choice)
    kept = [row for row in rows if every or row["state"] == OPEN]
    if len(kept) < len(rows):
        sys.stderr.write(
            f"{len(rows) - len(kept):,} more were redriven or superseded by a correction;"
            " --all lists them.\n"
        )
    return Rows(_COLUMNS, tuple(tuple(row[name] for name in _COLUMNS) for row in kept))


def files_out(store: TrackingStore) -> list[tuple[Any, ...]]:
    """Return the files no run takes up: set aside by a person, or unreadable as a whole."""
    return [
        tuple(getattr(file, name) for name in FILE_COLUMNS)
        for state in (FileState.SET_ASIDE, FileState.UNREADABLE)
        for file in store.files(state)
    ]


def write_in_full(engine: SqlEngine, choice: Choice, wanted: str | None) -> None:
    """Print the records meant with their content: on stdout only, and only when asked for."""
    if choice == Choice():
        raise UsageError(
            "quarantine show prints health records: name a FILE and LINE, --run or --rule."
        )
    found = engine.query("SELECT * FROM bronze.quarantine")
    rows = sorted(
        (row for row in found.records() if choice.holds(row)),
        key=lambda row: (row["source_file"], row["source_line"], row["rule_id"]),
    )
    if not rows:
        raise UsageError(
            "No such record is in quarantine; `metriccare quarantine list` lists them."
        )
    if chosen_format(wanted) == "table":
        sys.stdout.write("\n\n".join(_in_words(row) for row in rows) + "\n")
        return
    write_rows(found.columns, [tuple(row.values()) for row in rows], wanted)


def _in_words(row: Row) -> str:
    names = (*_SHOWN, "tenant", "run_id", "ingested_at", "redriven_run_id")
    lines = [f"{name}: {row[name]}" for name in names if row[name] is not None]
    return "\n".join([*lines, "", str(row["raw"])])
