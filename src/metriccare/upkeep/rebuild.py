"""Derives silver again from bronze, for tenants with wrong rows from an earlier version.

Bronze has the exact text of every record. Silver is computed from all of it, as for a new lake, in
a folder of its own. Then the tables are compared, and only wrong rows are replaced or removed.
Every step can be repeated: the next run continues an interrupted rebuild. Source:
docs/adr/0035-rebuild.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic

from metriccare import naming
from metriccare.engine.protocol import Engine, Operation, RelationT
from metriccare.incremental.commits import commit_if_any
from metriccare.incremental.context import RunContext
from metriccare.pipeline.bronze.quarantine import mark_redriven, open_rejects
from metriccare.pipeline.silver import stage as silver
from metriccare.pipeline.silver.stage import SilverCounts
from metriccare.tables import TABLES, Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import feeds as feed_tables
from metriccare.tables import silver as tables
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import ORDERING, RECORD_KEY, RUN_ID
from metriccare.tables.keys import REJECTED_RECORD
from metriccare.tracking.states import FileRecord, FileState

STEP = "rebuilt"
# The tables with rows derived from bronze; what was released is a log of runs.
_LOGS = (tables.RELEASED_PATIENT, feed_tables.RELEASED_NAME)
_DERIVED = tuple(table for table in (*tables.TABLES, *feed_tables.TABLES) if table not in _LOGS)
# The tables that silver writes: its own, and the quarantine.
_WRITTEN_BY_SILVER = (*tables.TABLES, *feed_tables.TABLES, bronze_tables.QUARANTINE)
_REJECT_STAMPS = frozenset({RUN_ID.name, ORDERING.name, "redriven_run_id"})
_COUNTED = (FileState.LOADED, FileState.PUBLISHED)


def of_tenants(engine: Engine[RelationT], rows: RelationT, tenants: Collection[str]) -> RelationT:
    """Return the rows of the tenants to rebuild."""
    if naming.EVERY_TENANT in tenants:
        return rows
    model = "select * from stored where array_contains(:tenants, tenant)"
    return engine.sql(model, {"tenants": sorted(tenants)}, stored=rows)


def remove_damaged(
    engine: Engine[RelationT], context: RunContext, layers: Collection[str]
) -> dict[str, int]:
    """Remove rows with columns of different rows; return how many, by table."""
    note = CommitNote(context.run_id, f"{STEP}-damaged")
    counts = {
        table.full_name: commit_if_any(
            engine,
            table,
            of_tenants(engine, engine.misfiled(table), context.rebuild),
            Operation.DELETE,
            note,
        )
        for table in TABLES
        if table.layer in layers
    }
    return {name: count for name, count in counts.items() if count}


def incomplete_files(
    engine: Engine[RelationT], context: RunContext, files: Sequence[FileRecord]
) -> list[FileRecord]:
    """Return the files, still in the raw zone, of which bronze has lost rows."""
    model = "select file_id, count(*) as n from stored group by file_id"
    stored: dict[str, int] = {}
    for table in bronze_tables.BY_FILE:
        rows = of_tenants(engine, engine.read(table), context.rebuild)
        stored |= {row["file_id"]: row["n"] for row in engine.rows(engine.sql(model, stored=rows))}
    return [
        file
        for file in files
        if file.state in _COUNTED
        and not {file.tenant, naming.EVERY_TENANT}.isdisjoint(context.rebuild)
        and file.rows_loaded != stored.get(file.file_id, 0)
        and context.raw_files.is_kept(file.location)
    ]


def others(context: RunContext) -> RunContext:
    """Return the context without replayed files of the tenants to rebuild."""
    again = tuple(file for file in context.taken_again if file.tenant not in context.rebuild)
    return replace(context, taken_again=again)


def run(engine: Engine[RelationT], context: RunContext) -> SilverCounts:
    """Return the counts of silver, after replacing the tenants' rows by those derived today."""
    remove_damaged(engine, context, (naming.SILVER,))
    every_row = replace(
        context,
        pending_runs=_every_run(engine, context),
        taken_again=(),
        rebuild=frozenset(),
    )
    with engine.workbench(naming.REBUILD_FOLDER, _WRITTEN_BY_SILVER) as bench:
        counts = silver.run(bench, every_row)
        for table in _DERIVED:
            _replace_rows(engine, context, bench.read(table), table)
        _replace_rejects(engine, context, bench.read(bronze_tables.QUARANTINE))
    return counts


def _every_run(
    engine: Engine[RelationT], context: RunContext
) -> Mapping[str, frozenset[str] | None]:
    """Return every run that loaded rows, so that all rows of the tenants count as new."""
    names = {context.run_id}
    for table in bronze_tables.BY_FILE:
        rows = of_tenants(engine, engine.read(table), context.rebuild)
        runs = engine.rows(engine.sql("select distinct run_id from stored", stored=rows))
        names |= {row["run_id"] for row in runs}
    is_whole = naming.EVERY_TENANT in context.rebuild
    return dict.fromkeys(sorted(names), None if is_whole else context.rebuild)


def _replace_rows(
    engine: Engine[RelationT], context: RunContext, wanted: RelationT, table: Table
) -> None:
    """Replace the rows that differ; a wrong row may count as newer, so it is removed first."""
    stored = of_tenants(engine, engine.read(table), context.rebuild)
    stamps = {RUN_ID.name} if table.versioned else {RUN_ID.name, ORDERING.name}
    differing = _differing(engine, wanted, stored, table, stamps)
    note = CommitNote(context.run_id, STEP)
    commit_if_any(engine, table, differing.wrong, Operation.DELETE, note)
    note = CommitNote(context.run_id, f"{STEP}-rows")
    commit_if_any(engine, table, differing.missing, Operation.INSERT, note)


def _replace_rejects(engine: Engine[RelationT], context: RunContext, wanted: RelationT) -> None:
    """Mark the rows that the row rules no longer reject, and write those they reject today.

    Records that were rejected on reception are not in bronze.resource, and stay.
    """
    table = bronze_tables.QUARANTINE
    names = ", ".join(f"r.{name}" for name in table.column_names)
    stored = engine.sql(
        f"select {names} from (select *, {REJECTED_RECORD} as record from rejects) r"
        " where exists (select 1 from bronze b where b.record_key = r.record)",
        rejects=of_tenants(engine, open_rejects(engine), context.rebuild),
        bronze=engine.read(bronze_tables.RESOURCE),
    )
    differing = _differing(engine, wanted, stored, table, _REJECT_STAMPS)
    mark_redriven(engine, context, differing.wrong, f"{STEP}-settled")
    note = CommitNote(context.run_id, f"{STEP}-rejects")
    commit_if_any(engine, table, differing.missing, Operation.UPSERT, note)


@dataclass(frozen=True)
class _Differing(Generic[RelationT]):
    """Rows that are wrong or should not exist, and rows that the table should have."""

    wrong: RelationT
    missing: RelationT


def _differing(
    engine: Engine[RelationT],
    wanted: RelationT,
    stored: RelationT,
    table: Table,
    stamps: Collection[str],
) -> _Differing[RelationT]:
    """Return the differences by key and content, without the columns that a run fills in."""
    key = RECORD_KEY.name
    content = [name for name in table.column_names if name not in stamps]
    same = " and ".join(f"n.{name} <=> o.{name}" for name in content)
    unlike = (
        f"select n.* from {{rows}} n left join {{others}} o on o.{key} = n.{key}"
        f" where o.{key} is null or not ({same})"
    )

    def rows_unlike(rows: str, others: str) -> RelationT:
        text = unlike.format(rows=rows, others=others)
        return engine.sql(text, wanted=wanted, stored=stored)

    return _Differing(rows_unlike("stored", "wanted"), rows_unlike("wanted", "stored"))
