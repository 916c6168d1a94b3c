"""The tables of persons: what is computed, what of the lake it replaces, and the two together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Generic

from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import count_of
from metriccare.pipeline.gold import persons_not_computed
from metriccare.pipeline.gold.histories import Scope, histories
from metriccare.pipeline.gold.person_rules import FAILED, OUTPUTS, PERSON_TABLES, PersonRules
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
    rules: PersonRules,
    scope: Scope[RelationT] | None,
) -> PersonTables[RelationT]:
    """Compute the persons in scope (None: everyone), and note those whose computation fails."""
    if scope is not None and not scope.count:
        return PersonTables({}, {}, {table.name: engine.read(table) for table in PERSON_TABLES})
    people = histories(engine, rules.rules, scope)
    made = dict(engine.map_people(people, rules, OUTPUTS))
    gold = _tables(engine, made, scope)
    count = count_of(engine, made[FAILED])
    if not count:
        return gold
    failed = persons_not_computed.note_failed(engine, context, made[FAILED])
    return replace(_with_kept_rows(engine, gold, failed), failed=failed, failed_count=count)


def _tables(
    engine: Engine[RelationT], made: Mapping[str, RelationT], scope: Scope[RelationT] | None
) -> PersonTables[RelationT]:
    computed = {table.name: made[table.name] for table in PERSON_TABLES}
    before = {table.name: engine.read(table) for table in PERSON_TABLES}
    if scope is None:
        return PersonTables(computed, before, computed)
    stored, whole = {}, {}
    for table in PERSON_TABLES:
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
    return ", ".join(f"r.{column.name}" for column in OUTPUTS[table.name])


def _with_kept_rows(
    engine: Engine[RelationT], gold: PersonTables[RelationT], failed: RelationT
) -> PersonTables[RelationT]:
    """Return gold, keeping the stored rows of persons whose computation failed.

    A row that another person has taken over, as after a merge, is that person's: it is not kept.
    """
    stored, whole = {}, {}
    for table in PERSON_TABLES:
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
