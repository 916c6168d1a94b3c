"""Gold: silver's rows by person, mart after mart, into evidence and results; then publication.

The rules run in plain Python over one person at a time, and a run computes only the persons whose
rows changed. Everything is computed, and judged by the gates, before the first commit of results;
publication is the last.

A person whose computation fails keeps the stored rows. A tenant that the gates refuse keeps
everything that was stored: none of its new rows are written.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import is_written
from metriccare.incremental.table_changes import (
    TableChanges,
    changes_of,
    changes_of_table,
    without_tenants,
)
from metriccare.marts.mart import Mart, Sums
from metriccare.marts.registry import marts_of
from metriccare.pipeline.gold import persons_not_computed
from metriccare.pipeline.gold.outcome import Gates, Outcome, PersonsNotComputed, Published, no_gates
from metriccare.pipeline.gold.person_tables import PersonTables, person_tables
from metriccare.pipeline.publish import data_quality, publish
from metriccare.quality.measured import Subject
from metriccare.tables.commit_note import CommitNote

STEP = "gold"


@dataclass(frozen=True)
class Computed(Generic[RelationT]):
    """A mart as computed: its persons, what their tables are missing, and the sums.

    `is_new` is False if the stored results are those of this run: nothing of them is written.
    """

    mart: Mart[RelationT]
    persons: PersonTables[RelationT]
    of_persons: Sequence[TableChanges[RelationT]]
    sums: Sums[RelationT]
    is_new: bool


def run(
    engine: Engine[RelationT],
    context: RunContext,
    gates: Gates[RelationT] = no_gates,
) -> Published:
    """Bring gold and the published results up to date with silver.

    `gates` judges what was computed before anything of it is written, and returns the tenants
    refused; it raises GateRefused if no tenant is left to publish.
    """
    note = CommitNote(context.run_id, STEP)
    marts: list[Computed[RelationT]] = []
    whole: dict[str, RelationT] = {}
    for mart in marts_of(engine, context):
        marts.append(_compute(engine, context, mart, whole))
        whole.update(marts[-1].persons.whole)
    failed = [
        (m.mart.not_computed, m.persons.failed) for m in marts if m.persons.failed is not None
    ]
    arrived = data_quality.with_uncomputed(engine, data_quality.received(engine, context), failed)
    shown = [pair for computed in marts for pair in computed.sums.published]
    visible = [
        *publish.of_marts(engine, context, shown),
        *publish.of_arrivals(engine, context, whole, arrived),
    ]
    done = _judged(engine, marts, gates)
    for computed in marts:
        _write(engine, context, computed, done, note)
    publish.write(engine, without_tenants(engine, visible, done.tenants), note)
    return done


def _compute(
    engine: Engine[RelationT],
    context: RunContext,
    mart: Mart[RelationT],
    earlier: Mapping[str, RelationT],
) -> Computed[RelationT]:
    scope = mart.affected()
    persons = person_tables(engine, context, mart, scope, earlier)
    of_persons = [
        changes_of(engine, persons.computed[t.name], persons.stored[t.name], context, t)
        for t in mart.person_tables
        if t.name in persons.computed
    ]
    if scope is not None and _results_stand(engine, context, mart, of_persons):
        return Computed(mart, persons, of_persons, mart.stored_sums(), is_new=False)
    return Computed(mart, persons, of_persons, mart.sums(persons.whole), is_new=True)


def _results_stand(
    engine: Engine[RelationT],
    context: RunContext,
    mart: Mart[RelationT],
    of_persons: Sequence[TableChanges[RelationT]],
) -> bool:
    """Return True if the stored results are those of this run: no row they sum up has changed.

    A pending run that wrote the persons' rows may have crashed before it summed them up.
    """
    if context.taken_again or any(changes.rows is not None for changes in of_persons):
        return False
    summed = (*mart.person_tables, *mart.summed_tables)
    return not any(is_written(engine, context, table) for table in summed)


def _judged(
    engine: Engine[RelationT], marts: Sequence[Computed[RelationT]], gates: Gates[RelationT]
) -> Published:
    outcome = Outcome(
        results=[result for computed in marts for result in computed.sums.results],
        before=[result for computed in marts for result in computed.sums.before],
        tables={
            name: rows
            for computed in marts
            if computed.is_new
            for name, rows in computed.persons.whole.items()
        },
        uncomputed=_uncomputed(engine, marts),
        violations={
            Subject(subject.tenant, gate): counted
            for computed in marts
            for gate, subjects in computed.sums.violations.items()
            for subject, counted in subjects.items()
        },
        shares={
            subject: share for computed in marts for subject, share in computed.sums.shares.items()
        },
    )
    failed = sum(computed.persons.failed_count for computed in marts)
    return Published(tuple(gates(outcome)), failed)


def _uncomputed(
    engine: Engine[RelationT], marts: Sequence[Computed[RelationT]]
) -> Mapping[str, PersonsNotComputed]:
    """Return the persons not computed by tenant; one that two marts failed on counts for each."""
    by_tenant: dict[str, PersonsNotComputed] = {}
    for computed in marts:
        failed, mart = computed.persons.failed, computed.mart
        if failed is None:
            continue
        rows = computed.persons.whole[mart.person_tables[-1].name]
        for tenant, count in persons_not_computed.by_tenant(engine, failed, rows).items():
            known = by_tenant.get(tenant, PersonsNotComputed(0, {}))
            since = Counter(known.since) + Counter(count.since)
            by_tenant[tenant] = PersonsNotComputed(max(known.of, count.of), since)
    return by_tenant


def _write(
    engine: Engine[RelationT],
    context: RunContext,
    computed: Computed[RelationT],
    done: Published,
    note: CommitNote,
) -> None:
    """Write a mart: its persons, then the sums.

    After a crash, the next run reads the stored rows to decide which persons to compute, and the
    as_of of the stored results: each is written after all that follows from it.
    """
    mart, persons = computed.mart, computed.persons
    if computed.is_new:
        summed = [changes_of_table(engine, rows, context, t) for t, rows in computed.sums.tables]
        for changes in without_tenants(engine, [*computed.of_persons, *summed], done.tenants):
            changes.commit(engine, note)
    persons_not_computed.forget_computed(
        engine, context, mart.not_computed, persons.failed, done.tenants
    )
