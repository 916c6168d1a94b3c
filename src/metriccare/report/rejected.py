"""Rejected records for a person to read: their place, the reason, and on request the content.

A record is `open` until the run named in `redriven_run_id` loaded it (`redriven`), or
until a version of its resource that arrived later was loaded (`superseded`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metriccare.query.engine import SqlEngine
from metriccare.tables.feeds import BY_FEED
from metriccare.tables.silver import BY_RESOURCE
from metriccare.tracking.states import FileState
from metriccare.tracking.store import TrackingStore

OPEN, REDRIVEN, SUPERSEDED = "open", "redriven", "superseded"
FILE_COLUMNS = ("file_id", "source_file", "tenant", "state", "reason", "registered_at")
_SQL = (
    "SELECT source_file, source_line, rule_id, reason, resource_type, resource_id, run_id, tenant,"
    " redriven_run_id, file_id, record_key, ordering, feed, record_type, column_name"
    " FROM bronze.quarantine ORDER BY source_file, source_line, rule_id"
)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class RejectFilter:
    """Which rejected records are meant; what is None does not restrict them."""

    run_id: str | None = None
    rule_id: str | None = None
    source_file: str | None = None
    source_line: int | None = None
    feed: str | None = None

    def holds(self, row: Row) -> bool:
        """Return True if a record is meant."""
        return all(value is None or row[name] == value for name, value in vars(self).items())


def chosen(engine: SqlEngine, wanted: RejectFilter) -> list[dict[str, Any]]:
    """Return the records meant, with their `state` and without their content."""
    rows = [dict(row) for row in engine.query(_SQL).records() if wanted.holds(row)]
    newest = _newest_loaded(engine, rows)
    return [{**row, "state": _state(row, newest)} for row in rows]


def _state(row: Row, newest: Mapping[tuple[Any, ...], int]) -> str:
    if row["redriven_run_id"] is not None:
        return REDRIVEN
    type_ = row["resource_type"] or row["record_type"]
    loaded = newest.get((type_, row["tenant"], row["resource_id"]))
    return SUPERSEDED if loaded is not None and loaded > row["ordering"] else OPEN


def _newest_loaded(engine: SqlEngine, rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], int]:
    """Return when the silver row of each rejected record arrived, in order of arrival."""
    found: dict[tuple[Any, ...], int] = {}
    types = {row["resource_type"] for row in rows if row["resource_id"] is not None}
    for kind in sorted(types & BY_RESOURCE.keys()):
        sql = (
            f"SELECT tenant, id, ingest_sequence FROM {BY_RESOURCE[kind].full_name} WHERE id IN"  # noqa: S608
            " (SELECT resource_id FROM bronze.quarantine)"
        )
        found |= {(kind, tenant, id_): at for tenant, id_, at in engine.query(sql).rows}
    feeds = {row["record_type"] for row in rows if row["resource_id"] is not None}
    for feed in sorted(feeds & BY_FEED.keys()):
        # The key of a feed's row is its tenant and its id.
        sql = (
            f"SELECT tenant, record_key, ingest_sequence FROM {BY_FEED[feed].full_name}"  # noqa: S608
            " WHERE record_key IN (SELECT tenant || '|' || resource_id FROM bronze.quarantine)"
        )
        found |= {
            (feed, tenant, key.removeprefix(f"{tenant}|")): at
            for tenant, key, at in engine.query(sql).rows
        }
    return found


def files_out(store: TrackingStore) -> list[tuple[Any, ...]]:
    """Return the files no run takes up: set aside by a person, or unreadable as a whole."""
    return [
        tuple(getattr(file, name) for name in FILE_COLUMNS)
        for state in (FileState.SET_ASIDE, FileState.UNREADABLE)
        for file in store.files(state)
    ]
