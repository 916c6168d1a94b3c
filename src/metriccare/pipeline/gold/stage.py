"""Gold: silver's rows by person into stays, evidence and results; then publication.

The rules run in plain Python over one person at a time, and a run computes only the persons whose
rows changed. Everything is computed, and judged by the gates, before the first commit of results;
publication is the last.

A person whose computation fails keeps the stored rows. A tenant that the gates refuse keeps
everything that was stored: none of its new rows are written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import is_written
from metriccare.incremental.table_changes import (
    TableChanges,
    changes_of,
    changes_of_table,
    without_tenants,
)
from metriccare.marts.measures.rulebook import load_rulebook
from metriccare.pipeline.gold import persons_not_computed, results
from metriccare.pipeline.gold.affected_persons import affected_persons
from metriccare.pipeline.gold.facilities import facilities_by_tenant
from metriccare.pipeline.gold.outcome import Gates, Outcome, PersonsNotComputed, Published, no_gates
from metriccare.pipeline.gold.person_rules import PERSON_TABLES, PersonRules
from metriccare.pipeline.gold.person_tables import PersonTables, person_tables
from metriccare.pipeline.gold.result_rows import COLUMNS, TenantResult, results_in, row_of
from metriccare.pipeline.publish import data_quality, publish
from metriccare.tables import gold as tables
from metriccare.tables.commit_note import CommitNote

STEP = "gold"
_SUMMED = (*PERSON_TABLES, tables.PATIENT_DAY, tables.MEASURE_RESULT)


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
    rules = load_rulebook(context.settings.measures)
    before = results_in(engine.rows(engine.read(tables.MEASURE_RESULT)))
    places = facilities_by_tenant(engine, context.settings, rules.codes)
    scope = affected_persons(engine, context, rules, before)
    gold = person_tables(engine, context, PersonRules.of(context, rules, places), scope)

    def judged(found: Sequence[TenantResult], changing: Mapping[str, RelationT]) -> Published:
        outcome = Outcome(found, before, changing, _uncomputed(engine, gold))
        return Published(tuple(gates(outcome)), gold.failed_count)

    arrived = data_quality.with_uncomputed(
        engine, data_quality.received(engine, context), gold.failed
    )
    of_persons = _of_persons(engine, context, gold)
    if scope is not None and _results_stand(engine, context, of_persons):
        stays = engine.read(tables.STAY)
        arrivals = publish.of_arrivals(engine, context, stays, arrived)
        done = judged(before, {})
        publish.write(engine, without_tenants(engine, arrivals, done.tenants), note)
        persons_not_computed.forget_computed(engine, context, gold.failed, done.tenants)
        return done
    found = results.compute(engine, context, gold.whole, rules)
    visible = publish.compute(engine, context, gold.whole, found, places, arrived)
    done = judged(found, gold.whole)
    sums = _sums(engine, context, gold, found)
    for changes in without_tenants(engine, [*of_persons, *sums], done.tenants):
        # After a crash, the next run reads the stored stays to decide which persons to compute,
        # and the as_of of the stored results: each is written after all that follows from it.
        changes.commit(engine, note)
    persons_not_computed.forget_computed(engine, context, gold.failed, done.tenants)
    publish.write(engine, without_tenants(engine, visible, done.tenants), note)
    return done


def _results_stand(
    engine: Engine[RelationT], context: RunContext, of_persons: Sequence[TableChanges[RelationT]]
) -> bool:
    """Return True if the stored results are those of this run: no row they sum up has changed.

    A pending run that wrote the persons' rows may have crashed before it summed them up.
    """
    if context.taken_again or any(changes.rows is not None for changes in of_persons):
        return False
    return not any(is_written(engine, context, table) for table in _SUMMED)


def _uncomputed(
    engine: Engine[RelationT], gold: PersonTables[RelationT]
) -> Mapping[str, PersonsNotComputed]:
    if gold.failed is None:
        return {}
    return persons_not_computed.by_tenant(engine, gold.failed, gold.whole[tables.STAY.name])


def _of_persons(
    engine: Engine[RelationT], context: RunContext, gold: PersonTables[RelationT]
) -> list[TableChanges[RelationT]]:
    """Return what the tables of persons are missing, the stays last."""
    return [
        changes_of(engine, gold.computed[table.name], gold.stored[table.name], context, table)
        for table in PERSON_TABLES
        if table.name in gold.computed
    ]


def _sums(
    engine: Engine[RelationT],
    context: RunContext,
    gold: PersonTables[RelationT],
    found: Sequence[TenantResult],
) -> list[TableChanges[RelationT]]:
    """Return what the tables are missing that hold sums over all persons; the results last."""
    days = results.patient_days(engine, gold.whole[tables.STAY_DAY.name])
    rows = engine.from_rows(COLUMNS, map(row_of, found))
    return [
        changes_of_table(engine, days, context, tables.PATIENT_DAY),
        changes_of_table(engine, rows, context, tables.MEASURE_RESULT),
    ]
