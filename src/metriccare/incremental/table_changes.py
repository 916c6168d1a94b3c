"""The differences between a table and its recomputed rows, so that only changes are written."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Generic

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT, Value
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import count_of, facts_of
from metriccare.tables import Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import DELETE_MARKER, ORDERING, RECORD_KEY, RUN_ID
from metriccare.tables.keys import key_expression


@dataclass(frozen=True)
class TableChanges(Generic[RelationT]):
    """Rows to write to a table and, marked as deleted, rows to remove; None if there are none.

    `replaces` is True if the table may have a row with one of their keys.
    """

    table: Table
    rows: RelationT | None
    replaces: bool

    def commit(self, engine: Engine[RelationT], note: CommitNote) -> None:
        """Write the changes, in one commit at most."""
        if self.rows is not None:
            operation = Operation.UPSERT if self.replaces else Operation.INSERT
            engine.commit(Changes(self.table, self.rows, operation), note)


def without_tenants(
    engine: Engine[RelationT], changes: Sequence[TableChanges[RelationT]], tenants: Collection[str]
) -> list[TableChanges[RelationT]]:
    """Return changes without the rows of some tenants."""
    if not tenants:
        return list(changes)
    return [_without(engine, of_table, sorted(tenants)) for of_table in changes]


def _without(
    engine: Engine[RelationT], changes: TableChanges[RelationT], tenants: Sequence[str]
) -> TableChanges[RelationT]:
    if changes.rows is None:
        return changes
    model = "select * from changed where not array_contains(:tenants, tenant)"
    rows = engine.materialize(engine.sql(model, {"tenants": tenants}, changed=changes.rows))
    return replace(changes, rows=rows if count_of(engine, rows) else None)


def with_key(
    engine: Engine[RelationT], rows: RelationT, table: Table, context: RunContext
) -> RelationT:
    """Return the declared columns of rows, with run, record key and ordering filled in.

    The record key is built from the table's key; a null part of it is empty. Later commits win,
    because these tables have one writer and no late rows.
    """
    stamps = {
        RUN_ID.name: ":run_id",
        RECORD_KEY.name: key_expression(table),
        ORDERING.name: ":started_at",
    }
    items = ", ".join(
        f"cast({stamps.get(c.name, c.name)} as {c.type}) as {c.name}" for c in table.columns
    )
    parameters: dict[str, Value] = {
        "run_id": context.run_id,
        "started_at": int(context.started_at.timestamp() * 1_000_000),
    }
    return engine.sql(f"select {items} from computed", parameters, computed=rows)


def changes_of(
    engine: Engine[RelationT],
    computed: RelationT,
    stored: RelationT,
    context: RunContext,
    table: Table,
) -> TableChanges[RelationT]:
    """Return the rows that are new or differ, and the rows to remove.

    `stored` are the rows of the table that `computed` replaces.
    """
    keyed = with_key(engine, computed, table, context)
    if not engine.commits(table):
        rows = engine.sql(f"select *, false as {DELETE_MARKER.name} from keyed", keyed=keyed)
        return TableChanges(table, engine.materialize(rows), replaces=True)
    changed = engine.materialize(engine.sql(_differing(table), keyed=keyed, stored=stored))
    facts = facts_of(engine, changed, {"rows": "count(*)", "known": "count_if(is_known)"})
    if not facts["rows"]:
        return TableChanges(table, None, replaces=False)
    names = ", ".join((*table.column_names, DELETE_MARKER.name))
    rows = engine.sql(f"select {names} from changed", changed=changed)
    return TableChanges(table, rows, replaces=facts["known"] > 0)


def changes_of_table(
    engine: Engine[RelationT], computed: RelationT, context: RunContext, table: Table
) -> TableChanges[RelationT]:
    """Return the differences between a whole table and its recomputed rows."""
    return changes_of(engine, computed, engine.read(table), context, table)


def _differing(table: Table) -> str:
    """Return the model of the rows to write and to remove; `is_known` if the table has the key."""
    key = RECORD_KEY.name
    # A row that differs only in the run that wrote it has not changed.
    content = [column.name for column in table.computed_columns]
    same = " and ".join(f"k.{name} <=> s.{name}" for name in content)
    columns = ", ".join(
        f"if(k.{key} is null, s.{name}, k.{name}) as {name}" for name in table.column_names
    )
    return (
        f"select {columns}, k.{key} is null as {DELETE_MARKER.name},"
        f" s.{key} is not null as is_known"
        f" from keyed k full join stored s on k.{key} = s.{key} and k.tenant = s.tenant"
        f" where k.{key} is null or s.{key} is null or not ({same})"
    )
