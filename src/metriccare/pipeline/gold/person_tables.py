"""A mart's tables of persons: what is computed, what of the lake it replaces, the two together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Generic

from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import count_of
from metriccare.marts.mart import Mart
from metriccare.marts.persons import Scope
from metriccare.pipeline.gold import persons_not_computed
from metriccare.pipeline.gold.guarded_rule import FAILED, GuardedRule, outputs_of
from metriccare.tables import Table
from metriccare.tables.declaration import RECORD_KEY

_PERSON = "r.tenant = p.tenant and r.person_id = p.person_id"


@dataclass(frozen=True)
class PersonTables(Generic[RelationT]):
    """The computed tables of the persons in scope, by name, and what the lake holds of them.

    `stored` are the rows that `computed` replaces, `whole` those every person is to have; only
    these are there if no person was to be computed. `failed` are the persons whose
    computation failed, None if there are none.
    """

    computed: Mapping[str, RelationT]
    stored: Mapping[str, RelationT]
    whole: Mapping[str, RelationT]
    failed: RelationT | None = None
    failed_count: int = 0


def person_tables(
    engine: Engine[RelationT],
    context: RunContext,
    mart: Mart[RelationT],
    scope: Scope[RelationT] | None,
    earlier: Mapping[str, RelationT],
) -> PersonTables[RelationT]:
    """Compute the persons in scope (None: everyone), and note those whose computation fails.

    `earlier` are the tables of the marts before this one as they are to be.
    """
    tables = mart.person_tables
    if scope is not None and not scope.count:
        return PersonTables({}, {}, {table.name: engine.read(table) for table in tables})
    outputs = outputs_of(tables)
    people = mart.histories(scope, earlier)
    made = dict(engine.map_people(people, GuardedRule(mart.rule(), outputs), outputs))
    gold = _tables(engine, tables, made, scope)
    count = count_of(engine, made[FAILED])
    if not count:
        return gold
    failed = persons_not_computed.note_failed(engine, context, mart, made[FAILED])
    kept = _with_kept_rows(engine, tables, gold, failed)
    return replace(kept, failed=failed, failed_count=count)


def _tables(
    engine: Engine[RelationT],
    tables: Sequence[Table],
    made: Mapping[str, RelationT],
    scope: Scope[RelationT] | None,
) -> PersonTables[RelationT]:
    computed = {table.name: made[table.name] for table in tables}
    before = {table.name: engine.read(table) for table in tables}
    if scope is None:
        return PersonTables(computed, before, computed)
    stored, whole = {}, {}
    for table in tables:
        rows = before[table.name]
        stored[table.name] = engine.sql(
            f"select r.* from rows_before r left semi join person p on {_PERSON}",
            rows_before=rows,
            person=scope.persons,
        )
        names = _names(table)
        whole[table.name] = engine.sql(
            f"select {names} from rows_before r left anti join person p on {_PERSON}"
            f" union all select {names} from computed r",
            rows_before=rows,
            person=scope.persons,
            computed=computed[table.name],
        )
    return PersonTables(computed, stored, whole)


def _names(table: Table) -> str:
    return ", ".join(f"r.{column.name}" for column in table.computed_columns)


def _with_kept_rows(
    engine: Engine[RelationT],
    tables: Sequence[Table],
    gold: PersonTables[RelationT],
    failed: RelationT,
) -> PersonTables[RelationT]:
    """Return gold, keeping the stored rows of persons whose computation failed.

    A row that another person has taken over, as after a merge, is that person's: it is not kept.
    """
    stored, whole = {}, {}
    for table in tables:
        before = gold.stored[table.name]
        same = " and ".join(f"r.{name} <=> c.{name}" for name in table.key)
        kept = engine.materialize(
            engine.sql(
                f"select r.* from rows_before r left semi join person p on {_PERSON}"
                f" left anti join computed c on {same}",
                rows_before=before,
                person=failed,
                computed=gold.computed[table.name],
            )
        )
        key = RECORD_KEY.name
        stored[table.name] = engine.sql(
            "select r.* from rows_before r left anti join kept k"
            f" on r.tenant = k.tenant and r.{key} = k.{key}",
            rows_before=before,
            kept=kept,
        )
        names = _names(table)
        whole[table.name] = engine.sql(
            f"select {names} from whole r union all select {names} from kept r",
            whole=gold.whole[table.name],
            kept=kept,
        )
    return replace(gold, stored=stored, whole=whole)
