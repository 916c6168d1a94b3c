"""Gold: silver's rows by person into stays, evidence and results; then publication.

The rules run in plain Python over one person at a time, so that persons can be spread over any
cluster, and a run recomputes only those whose rows changed. Gold is computed, and judged by the
gates, before the first commit; publication is the last.

A person on whom the rules fail keeps the stored rows, and a tenant the gates refuse keeps
everything that was stored: nothing of it is written.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import ArrayType, StructType

from metriccare.incremental.context import RunContext
from metriccare.jobs import data_quality, person_frames, publish, results, uncomputed
from metriccare.jobs.differences import (
    Changes,
    Rows,
    changes_of,
    changes_of_rows,
    changes_of_stored_rows,
    collected,
    stored_rows,
    without,
)
from metriccare.jobs.facility_frames import facilities_by_tenant, facilities_of
from metriccare.jobs.parallel import in_parallel, side_by_side, started
from metriccare.jobs.person_frames import PERSON, Scope
from metriccare.jobs.result_rows import TenantResult, as_rows, results_in
from metriccare.jobs.touched import touched_persons
from metriccare.jobs.written import is_written
from metriccare.measures.compute import compute
from metriccare.measures.facility import Facilities
from metriccare.measures.rulebook import Rulebook, load_rulebook
from metriccare.pipeline.gold import outcome
from metriccare.pipeline.gold.outcome import PersonsNotComputed, Published, no_gates
from metriccare.pipeline.gold.person_rows import history_of, rows_of
from metriccare.settings import Lake
from metriccare.spark import hudi
from metriccare.spark.schema import schema_of, settled, settled_with
from metriccare.spark.timeline import CommitNote
from metriccare.tables import Table
from metriccare.tables import gold as tables
from metriccare.tables.declaration import ORDERING, RECORD_KEY, RUN_ID, TENANT

STEP = "gold"
# Tables whose rows belong to one person each; the stays are written last.
PERSON_TABLES = (
    tables.EPISODE,
    tables.MEASURE_STAY,
    tables.INFECTION_EVENT,
    tables.STAY_DAY,
    tables.STAY,
)
_STAMPED = frozenset({TENANT.name, RUN_ID.name, RECORD_KEY.name, ORDERING.name})
# Persons handed to Python at a time; a person's nested rows are large for their number.
_BATCH = 1000


@dataclass(frozen=True)
class Gold:
    """The computed tables of the persons in scope, and what the lake held of them before.

    `failed` are the persons on whom the rules failed; None when there are none.
    """

    computed: Mapping[str, DataFrame]
    stored: Mapping[str, DataFrame]
    whole: Mapping[str, DataFrame]
    failed: DataFrame | None = None


Outcome = outcome.Outcome[DataFrame]
Gates = outcome.Gates[DataFrame]


def run(spark: SparkSession, lake: Lake, context: RunContext, gates: Gates = no_gates) -> Published:
    """Bring gold and the published results up to date with silver.

    `gates` judges what was computed before anything of it is written, and returns the tenants
    refused; it raises GateRefused when no tenant is left to publish.
    """
    note = CommitNote(context.run_id, STEP)
    received = started(lambda: data_quality.received(spark, context))
    rules = load_rulebook(context.settings.measures)
    stored = stored_rows(spark, lake, tables.MEASURE_RESULT)
    before = results_in(stored)
    silver = person_frames.Silver(spark, lake)
    persons = person_frames.person_ids(silver["Patient"])
    places = facilities_by_tenant(silver, context.settings, rules.codes)
    scope = touched_persons(spark, context, silver, persons, rules, before)
    histories = person_frames.histories(silver, persons, rules, scope)
    people, facts = settled_with(
        computed_people(histories, context, places, rules), failed=F.count("error")
    )
    gold = _gold(spark, context, people, scope, failed=facts["failed"])

    def judged(found: Sequence[TenantResult], changing: Mapping[str, DataFrame]) -> Published:
        counts = _uncomputed(gold)
        return Published(tuple(gates(Outcome(found, before, changing, counts))), facts["failed"])

    def arrived() -> data_quality.Received:
        return data_quality.with_uncomputed(received.result(), gold.failed)

    if scope is not None:
        of_persons = _of_persons(context, gold)
        if _results_stand(spark, context, of_persons):
            stays = hudi.read(spark, lake, tables.STAY)
            done, arrivals = side_by_side(
                lambda: judged(before, {}),
                lambda: publish.of_arrivals(context, stays, arrived()),
            )
            publish.write(context, without(arrivals, done.tenants), note)
            uncomputed.forget_computed(spark, context, gold.failed, done.tenants)
            return done
        found = results.compute(context, gold.whole, rules)
    else:
        found, of_persons = side_by_side(
            lambda: results.compute(context, gold.whole, rules),
            lambda: _of_persons(context, gold),
        )
    # What may be seen is worked out on one thread, meanwhile the others judge and commit.
    published = started(lambda: publish.compute(context, gold.whole, found, places, arrived()))
    done, sums = side_by_side(
        lambda: judged(found, gold.whole),
        lambda: _sums(context, gold, found, stored),
    )
    _commit(context, without(of_persons, done.tenants), without(sums, done.tenants), note)
    uncomputed.forget_computed(spark, context, gold.failed, done.tenants)
    publish.write(context, without(published.result(), done.tenants), note)
    return done


def _results_stand(spark: SparkSession, context: RunContext, of_persons: Sequence[Changes]) -> bool:
    """Tell whether the stored results are those of this run: no row they sum up has changed.

    A pending run that wrote persons' rows may have died before it summed them up.
    """
    if context.taken_again or any(changes.rows is not None for changes in of_persons):
        return False
    summed = (*PERSON_TABLES, tables.PATIENT_DAY, tables.MEASURE_RESULT)
    return not any(is_written(spark, context, table) for table in summed)


def computed_people(
    histories: DataFrame,
    context: RunContext,
    places: Mapping[str, Facilities],
    rules: Rulebook,
) -> DataFrame:
    """Return one row per person with an array of rows for each table of persons."""
    schema = _people_schema()
    arrow = to_arrow_schema(schema)
    as_of = dict(context.as_of_by_tenant)
    default_as_of = context.as_of
    settings = context.settings

    def work(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        # A person's rows hold no cycles, and the collector would look through all of them.
        gc.disable()
        for batch in batches:
            rows = [
                _person_row(
                    row,
                    as_of.get(row["tenant"], default_as_of),
                    lambda tenant: facilities_of(places, settings, tenant),
                    rules,
                )
                for row in batch.to_pylist()
            ]
            yield uncomputed.record_batch(rows, arrow)

    histories.sparkSession.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", _BATCH)
    return histories.mapInArrow(work, schema)


def _person_row(
    row: Mapping[str, Any],
    as_of: date,
    places_of: Callable[[str], Facilities],
    rules: Rulebook,
) -> dict[str, Any]:
    """Return a person's rows of every table; where the rules fail on the person, the failure.

    What no rule foresaw in the rows of one person must not stop the run of all others.
    """
    names = {name: row[name] for name in PERSON}
    try:
        history = history_of(row, as_of, places_of(row["tenant"]))
        return names | rows_of(compute(history, rules.codes, rules.planned, rules.ages))
    except Exception as error:
        return names | uncomputed.failure_of(error, row, rules.codes)


def _people_schema() -> StructType:
    schema = StructType().add("tenant", "string").add("person_id", "string")
    for column in uncomputed.FAILURE:
        schema = schema.add(*column)
    for table in PERSON_TABLES:
        entry = StructType([f for f in schema_of(table) if f.name not in _STAMPED])
        schema = schema.add(table.name, ArrayType(entry))
    return schema


def _gold(
    spark: SparkSession, context: RunContext, people: DataFrame, scope: Scope | None, *, failed: int
) -> Gold:
    """Return the tables of persons: what was computed, what is replaced, and the two together.

    `failed` is the number of persons on whom the rules failed.
    """
    gold = _computed(spark, context.lake, people, scope)
    if not failed:
        return gold
    rows = uncomputed.uncomputed(spark, context, people)
    uncomputed.note(context, rows)
    return _with_kept_rows(gold, rows)


def _computed(spark: SparkSession, lake: Lake, people: DataFrame, scope: Scope | None) -> Gold:
    computed = {table.name: _rows_of(people, table) for table in PERSON_TABLES}
    stored, whole = {}, {}
    for table in PERSON_TABLES:
        before = hudi.read(spark, lake, table)
        if scope is None:
            stored[table.name], whole[table.name] = before, computed[table.name]
            continue
        names = computed[table.name].columns
        stored[table.name] = before.join(scope.persons, [*PERSON], "left_semi")
        kept = before.join(scope.persons, [*PERSON], "left_anti").select(*names)
        whole[table.name] = kept.unionByName(computed[table.name])
    return Gold(computed, stored, whole)


def _with_kept_rows(gold: Gold, failed: DataFrame) -> Gold:
    """Return gold with the stored rows of persons on whom the rules failed left as they are.

    A row another person has taken over, as after a merge, is that person's: it is not kept.
    """
    persons = F.broadcast(failed.select(*PERSON))
    stored, whole = {}, {}
    for table in PERSON_TABLES:
        computed = gold.computed[table.name]
        own = gold.stored[table.name].join(persons, [*PERSON], "left_semi")
        kept = settled(own.join(computed.select(*table.key), [*table.key], "left_anti"))
        keys = F.broadcast(kept.select(RECORD_KEY.name))
        stored[table.name] = gold.stored[table.name].join(keys, RECORD_KEY.name, "left_anti")
        whole[table.name] = gold.whole[table.name].unionByName(kept.select(*computed.columns))
    return Gold(gold.computed, stored, whole, failed)


def _uncomputed(gold: Gold) -> Mapping[str, PersonsNotComputed]:
    if gold.failed is None:
        return {}
    return uncomputed.by_tenant(gold.failed, gold.whole[tables.STAY.name])


def _rows_of(people: DataFrame, table: Table) -> DataFrame:
    """Return the rows of one table: its declared columns but those a run stamps."""
    return people.select("tenant", F.explode(table.name).alias("row")).select("tenant", "row.*")


def _of_persons(context: RunContext, gold: Gold) -> list[Changes]:
    """Return what the tables of persons lack, the stays last."""

    def changes(table: Table) -> Changes:
        rows, stored = gold.computed[table.name], gold.stored[table.name]
        return changes_of(rows, stored, context, table)

    return in_parallel(changes, PERSON_TABLES)


def _sums(
    context: RunContext, gold: Gold, found: Sequence[TenantResult], stored: Rows
) -> list[Changes]:
    """Return what the tables lack that hold sums over all persons; `stored` are the results."""
    stay_days = gold.whole[tables.STAY_DAY.name]
    days = collected(results.patient_days(stay_days))
    return [
        changes_of_stored_rows(days, context, tables.PATIENT_DAY),
        changes_of_rows(as_rows(found), context, tables.MEASURE_RESULT, stored),
    ]


def _commit(
    context: RunContext,
    of_persons: Sequence[Changes],
    sums: Sequence[Changes],
    note: CommitNote,
) -> None:
    """Write what changed, a few tables at a time."""

    def write(changes: Changes) -> None:
        changes.write(context, note)

    # Whom a run that died must compute again is told by the persons of stored stays and by the
    # as-of of stored results: each is written when all that follows from it stands.
    *others, stays = of_persons
    in_parallel(write, others)
    write(stays)
    in_parallel(write, sums)
