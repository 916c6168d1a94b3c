"""The silver stage: the newest valid version of every resource, typed, its references resolved.

For each type with new rows: parse, apply the row rules, keep the newest version, resolve
references, write the changes. The newest version is decided from the rows, not from the order of
commits. So the same input gives the same table in any batches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import count_of, facts_of, rows_to_process
from metriccare.pipeline.silver import (
    encounter_detail,
    feeds,
    references,
    stored_references,
    versions,
    waiting,
    withdrawal,
)
from metriccare.pipeline.silver.row import CARRIED, IS_GOOD, as_table_rows
from metriccare.pipeline.silver.row_rules import judged_model, quarantine
from metriccare.sources.fhir.declarations import Resource
from metriccare.sources.fhir.resources import RESOURCES
from metriccare.tables import bronze
from metriccare.tables import silver as tables
from metriccare.tables.commit_note import CommitNote

STEP = "silver"
# Up to 20,000 rows with their texts fit in memory; so bronze is not searched again for every type.
_FEW = 20_000
_FACTS = {
    "rejected": "count(rule_id)",
    "rows": f"count_if({IS_GOOD})",
    "known": f"count_if({IS_GOOD} and stored_updated is not null)",
    "contested": f"count_if({IS_GOOD} and contested)",
    "waiting": f"count_if({IS_GOOD} and size(waiting) > 0)",
    "named": f"count_if({IS_GOOD} and size(named) > 0)",
    "released": f"count_if({IS_GOOD} and released_patient_id is not null)",
}


@dataclass(frozen=True)
class SilverCounts:
    """Rows rejected by the row rules, and resource types written."""

    rejected: int
    types: tuple[str, ...]


@dataclass(frozen=True)
class Arrivals:
    """The new rows of one type: how many, whether keys repeat, whether any refers indirectly."""

    rows: int
    keys_repeat: bool
    indirect: bool


def run(engine: Engine[RelationT], context: RunContext) -> SilverCounts:
    """Return the counts of silver, after processing the bronze rows of the pending runs."""
    feeds.run(engine, context)
    withdrawn = withdrawal.withdraw_resources(engine, context)
    pending = rows_to_process(engine, context, bronze.RESOURCE, withdrawal.KEY, withdrawn)
    arrivals = {} if pending is None else _arrivals_by_type(engine, pending)
    if not arrivals and tuple(context.pending_runs) == (context.run_id,):
        # Nothing is new, and no earlier run is unfinished.
        return SilverCounts(0, ())
    rejected = 0
    if pending is not None:
        if sum(of_type.rows for of_type in arrivals.values()) <= _FEW:
            pending = engine.materialize(pending)
        for resource in in_order(arrivals):
            rejected += _load(engine, pending, resource, arrivals[resource.type], context)
    stored_references.resolve_again(engine, context)
    encounter_detail.refresh(engine, context, CommitNote(context.run_id, STEP))
    return SilverCounts(rejected, tuple(sorted(arrivals)))


def _arrivals_by_type(engine: Engine[RelationT], pending: RelationT) -> dict[str, Arrivals]:
    """Return the counts of new rows by type, from the header columns alone."""
    facts = engine.sql(
        "select resource_type, count(*) as rows,"
        " count(*) > count(distinct tenant, resource_id) as keys_repeat,"
        " coalesce(max(indirect), true) as indirect from pending group by resource_type",
        pending=pending,
    )
    return {
        row["resource_type"]: Arrivals(row["rows"], row["keys_repeat"], row["indirect"])
        for row in engine.rows(facts)
    }


def in_order(types: Iterable[str]) -> list[Resource]:
    """Return the resources of some types, targets of references before those that refer to them."""
    targets, present = references.targets(), set(types)
    known = [resource for resource in RESOURCES if resource.type in present]
    first = [r for r in known if r.type in targets and not any(x.required for x in r.references)]
    return [*first, *(r for r in known if r not in first)]


def _load(
    engine: Engine[RelationT],
    pending: RelationT,
    resource: Resource,
    arrivals: Arrivals,
    context: RunContext,
) -> int:
    """Write one type's newest versions; return how many rows the rules rejected."""
    rows = engine.sql(
        f"select * from pending where resource_type = '{resource.type}'", pending=pending
    )
    judged = engine.materialize(
        engine.sql(judged_model(resource), parsed=engine.parse(rows, resource))
    )
    newest = versions.winners(engine, judged, arrivals.keys_repeat, resource)
    resolved, facts = _resolved(engine, newest, arrivals, resource)
    if facts["contested"]:
        known = versions.repeats(engine, resolved, context, resource)
        if count_of(engine, known):
            # Ordinary feeds have none of them, and nothing may refer to them.
            newest = versions.without(engine, newest, known)
            resolved, facts = _resolved(engine, newest, arrivals, resource)
    # The next steps read the resolved rows only.
    engine.release(judged)
    if facts["rejected"]:
        quarantine(engine, resolved, rows, context, resource)
    if facts["rows"]:
        current = engine.sql(f"select * from resolved where {IS_GOOD}", resolved=resolved)
        _write(engine, current, facts, context, resource)
    engine.release(resolved)
    return facts["rejected"]


def _resolved(
    engine: Engine[RelationT],
    newest: RelationT,
    arrivals: Arrivals,
    resource: Resource,
) -> tuple[RelationT, dict[str, int]]:
    """Return rows with their references resolved, and the counts of rows that need more steps."""
    resolved = engine.materialize(
        references.resolve(engine, newest, arrivals.indirect, CARRIED, resource)
    )
    return resolved, facts_of(engine, resolved, _FACTS)


def _write(
    engine: Engine[RelationT],
    current: RelationT,
    facts: Mapping[str, int],
    context: RunContext,
    resource: Resource,
) -> None:
    """Write the new current rows; their names and released patients are written before."""
    note = CommitNote(context.run_id, STEP)
    waiting.write_names(engine, current, facts, context, resource)
    if facts["released"]:
        step = CommitNote(context.run_id, f"{STEP}-released-{resource.table}")
        versions.write_released(engine, current, context, step)
    operation = Operation.UPSERT if facts["known"] else Operation.INSERT
    rows = as_table_rows(engine, current, context, resource)
    engine.commit(Changes(tables.BY_RESOURCE[resource.type], rows, operation), note)
