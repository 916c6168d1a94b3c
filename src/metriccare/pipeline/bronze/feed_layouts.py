"""Writes how the files of feeds are read: one row per file, the same however often it is read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT
from metriccare.incremental.context import RunContext
from metriccare.pipeline.bronze.feed_files import FeedFile
from metriccare.tables import keys
from metriccare.tables.bronze import FEED_LAYOUT
from metriccare.tables.commit_note import CommitNote

STEP = "layouts"
_STAMPS = frozenset({"first_seen", "run_id", "ordering"})


def note(
    engine: Engine[RelationT],
    context: RunContext,
    file_ids: Sequence[str],
    feeds: Sequence[FeedFile],
) -> None:
    """Write the layouts of files that are new or changed, and remove those of other files.

    `feeds` are those of the files that are a feed's.
    """
    stored = {row["file_id"]: row for row in _stored(engine, file_ids)}
    rows = [_row(context, feed) for feed in feeds]
    for row in rows:
        before = stored.get(row["file_id"])
        row["first_seen"] = before["first_seen"] if before else context.started_at
    changed = [row for row in rows if not _is_same(row, stored.get(row["file_id"]))]
    kept = {row["file_id"] for row in rows}
    removed = [row for file_id, row in stored.items() if file_id not in kept]
    for step, some, operation in (
        ("rows", changed, Operation.UPSERT),
        ("gone", removed, Operation.DELETE),
    ):
        if some:
            values = ([row[name] for name in FEED_LAYOUT.column_names] for row in some)
            relation = engine.from_rows(FEED_LAYOUT.columns, values)
            commit = CommitNote(context.run_id, f"{STEP}-{step}-{some[0]['file_id']}")
            engine.commit(Changes(FEED_LAYOUT, relation, operation), commit)


def _stored(engine: Engine[RelationT], file_ids: Sequence[str]) -> list[Any]:
    if not engine.commits(FEED_LAYOUT):
        return []
    model = "select * from stored where array_contains(:files, file_id)"
    parameters = {"files": sorted(file_ids)}
    return engine.rows(engine.sql(model, parameters, stored=engine.read(FEED_LAYOUT)))


def _is_same(row: dict[str, Any], stored: Any) -> bool:
    return stored is not None and all(
        row[name] == stored[name] for name in FEED_LAYOUT.column_names if name not in _STAMPS
    )


def _row(context: RunContext, feed: FeedFile) -> dict[str, Any]:
    file, layout = feed.file, feed.layout
    return {
        "tenant": file.tenant,
        "feed": layout.contract.name,
        "record_type": layout.feed.name,
        "layout_id": layout.layout_id,
        "format": layout.format,
        "header": list(layout.header),
        "columns": list(layout.columns),
        "delimiter": layout.dialect.delimiter,
        "quote": '"' if layout.is_csv else None,
        "encoding": layout.encoding,
        "contract_version": layout.contract.version,
        "source_file": file.source_file,
        "file_id": file.file_id,
        "run_id": context.run_id,
        "record_key": keys.joined(file.tenant, file.file_id),
        "ordering": file.sequence or 0,
    }
