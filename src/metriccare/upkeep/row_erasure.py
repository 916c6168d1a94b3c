"""Removes a person's rows from every table, and the older files that still have them.

Each step can be repeated: an interrupted erasure is finished by doing it again. Source:
docs/adr/0032-erasure.md.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from metriccare.engine.models import model
from metriccare.engine.protocol import Changes, Engine, Operation, RelationT, Value
from metriccare.incremental.commits import commit_if_any
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import count_of
from metriccare.pipeline.gold import stage as gold
from metriccare.pipeline.publish.quality_scores import QualityScores
from metriccare.tables import GOLD_TABLES, TABLES, Column, Table, revenue
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import feeds as feed_tables
from metriccare.tables import gold as gold_tables
from metriccare.tables import silver as tables
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.keys import joined
from metriccare.upkeep.erasure_plan import Holdings

STEP = "erased"
_KEYS = [Column(name, "string", "") for name in ("resource_type", "table_name", "id")]


def erase_rows(engine: Engine[RelationT], context: RunContext, held: Holdings) -> dict[str, int]:
    """Remove the person's rows from all tables; return how many, by table.

    Gold and publish are computed again for the person, from no rows.
    """
    note = CommitNote(context.run_id, STEP)
    removed = Counter(_gold_counts(engine, held))
    _release(engine, context, held)
    for table, rows in _silver_rows(engine, held):
        removed[table.full_name] += commit_if_any(engine, table, rows, Operation.DELETE, note)
    gold.run(engine, at_published_dates(engine, context))
    for table, rows in _last_rows(engine, held):
        removed[table.full_name] += commit_if_any(engine, table, rows, Operation.DELETE, note)
    # Rows of bronze, which are counted too, are removed last.
    QualityScores(engine, context).recount(CommitNote(context.run_id, f"{STEP}-counted"))
    return {name: count for name, count in removed.items() if count}


def remove_every_old_file(engine: Engine[RelationT]) -> int:
    """Delete all but the newest version of each file of every table; return how many."""
    return sum(engine.remove_old_files(table) for table in TABLES if engine.commits(table))


def _of_person(held: Holdings) -> dict[str, Value]:
    return {"patient_ids": held.person.patient_ids, "names": held.person.names}


def _gold_counts(engine: Engine[RelationT], held: Holdings) -> dict[str, int]:
    """Return how many rows of gold belong to the person, by table."""
    return {
        table.full_name: count_of(engine, _rows_with_id(engine, table, "person_id", held))
        for table in GOLD_TABLES
        if "person_id" in table.column_names
    }


def _rows_with_id(
    engine: Engine[RelationT], table: Table, column: str, held: Holdings
) -> RelationT:
    """Return a table's rows with one of the person's patient records in a column."""
    return engine.sql(
        f"select * from stored where array_contains(:patient_ids, {column})",
        {"patient_ids": held.person.patient_ids},
        stored=engine.read(table, [held.person.tenant]),
    )


def _release(engine: Engine[RelationT], context: RunContext, held: Holdings) -> None:
    """Write the patients and names that are computed again; these rows are removed at the end."""
    tenant, note = held.person.tenant, CommitNote(context.run_id, f"{STEP}-released")
    for table, names in (
        (tables.RELEASED_PATIENT, held.person.patient_ids),
        (feed_tables.RELEASED_NAME, held.feeds.names),
    ):
        rows = [
            (tenant, name, context.run_id, joined(tenant, name, context.run_id), 1)
            for name in names
        ]
        if rows:
            relation = engine.from_rows(table.columns, rows)
            engine.commit(Changes(table, relation, Operation.UPSERT), note)


def _silver_rows(engine: Engine[RelationT], held: Holdings) -> Iterator[tuple[Table, RelationT]]:
    """Give the person's rows of silver, by table."""
    for feed, keys_ in held.feeds.silver.items():
        yield feed_tables.BY_FEED[feed], _with_keys(engine, feed_tables.BY_FEED[feed], keys_, held)
    known = [
        (type_, tables.BY_RESOURCE[type_].name, id_)
        for type_, id_ in held.resources
        if type_ in tables.BY_RESOURCE
    ]
    keys = engine.from_rows(_KEYS, known)
    of_tenant = [held.person.tenant]
    for type_ in dict.fromkeys(type_ for type_, _, _ in known):
        table = tables.BY_RESOURCE[type_]
        which = (
            "select * from stored s where exists"
            " (select 1 from keys k where k.id = s.id and k.resource_type = :type)"
        )
        rows = engine.read(table, of_tenant)
        yield table, engine.sql(which, {"type": type_}, stored=rows, keys=keys)
    for table, name in (
        (tables.ENCOUNTER_DETAIL, "erased_details"),
        (tables.UNRESOLVED_REFERENCE, "erased_references"),
        (tables.RESOLVED_NAME, "erased_names"),
    ):
        stored = engine.read(table, of_tenant)
        yield (
            table,
            engine.sql(model(__package__, name), _of_person(held), stored=stored, keys=keys),
        )


def _last_rows(engine: Engine[RelationT], held: Holdings) -> Iterator[tuple[Table, RelationT]]:
    """Give the rows that are removed last: until then the next run finds the rest by them."""
    released = tables.RELEASED_PATIENT
    yield released, _rows_with_id(engine, released, "patient_id", held)
    names = feed_tables.RELEASED_NAME
    yield (
        names,
        engine.sql(
            "select * from stored where array_contains(:names, name)",
            {"names": held.feeds.names},
            stored=engine.read(names, [held.person.tenant]),
        ),
    )
    for table, keys in (
        (bronze_tables.QUARANTINE, (*held.quarantine, *held.feeds.quarantine)),
        (bronze_tables.RESOURCE, held.bronze),
        (bronze_tables.RECORD, held.feeds.records),
    ):
        yield table, _with_keys(engine, table, keys, held)


def _with_keys(
    engine: Engine[RelationT], table: Table, keys: Sequence[str], held: Holdings
) -> RelationT:
    """Return a table's rows with these record keys."""
    return engine.sql(
        "select * from stored s"
        " where exists (select 1 from keys k where k.record_key = s.record_key)",
        stored=engine.read(table, [held.person.tenant]),
        keys=engine.from_rows([table.column("record_key")], [(key,) for key in keys]),
    )


def at_published_dates(engine: Engine[RelationT], context: RunContext) -> RunContext:
    """Return the context with the dates of the published results, without pending runs.

    An erasure changes no date, and rows that no gate has checked are not published with it.
    """
    dates = engine.rows(
        engine.sql(
            "select tenant, as_of from measures union select tenant, as_of from kpis",
            measures=engine.read(gold_tables.MEASURE_RESULT),
            kpis=engine.read(revenue.KPI_RESULT),
        )
    )
    return replace(
        context,
        as_of_by_tenant={
            **context.as_of_by_tenant,
            **{row["tenant"]: row["as_of"] for row in dates},
        },
        pending_runs={context.run_id: None},
        taken_again=(),
    )
