"""Gold: silver's rows by person into stays, evidence and results; then publication.

The rules run in plain Python over one person at a time, so that persons can be spread over any
cluster, and a run recomputes only those whose rows changed. Gold is computed, and judged by the
gates, before the first commit; publication is the last.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.pandas.types import to_arrow_schema
from pyspark.sql.types import ArrayType, StructType

from metriccare.jobs import data_quality, person_frames, publish, results
from metriccare.jobs.context import RunContext
from metriccare.jobs.differences import (
    Changes,
    Rows,
    changes_of,
    changes_of_rows,
    changes_of_stored_rows,
    collected,
    stored_rows,
)
from metriccare.jobs.facility_frames import facilities_by_tenant, facilities_of
from metriccare.jobs.parallel import in_parallel, side_by_side, started
from metriccare.jobs.person_frames import PERSON, Scope
from metriccare.jobs.person_rows import history_of, rows_of
from metriccare.jobs.result_rows import TenantResult, as_rows, results_in
from metriccare.jobs.touched import touched_persons
from metriccare.jobs.written import is_written
from metriccare.measures.compute import compute
from metriccare.measures.facility import Facilities
from metriccare.measures.rulebook import Rulebook, load_rulebook
from metriccare.settings import Lake
from metriccare.spark import hudi
from metriccare.spark.schema import schema_of, settled
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
    """The computed tables of the persons in scope, and what the lake held of them before."""

    computed: Mapping[str, DataFrame]
    stored: Mapping[str, DataFrame]
    whole: Mapping[str, DataFrame]


@dataclass(frozen=True)
class Outcome:
    """What is judged: the results, those stored before, and the tables that are to change."""

    results: Sequence[TenantResult]
    before: Sequence[TenantResult]
    tables: Mapping[str, DataFrame]


Gates = Callable[[Outcome], None]


def no_gates(outcome: Outcome) -> None:
    """Refuse nothing: for lakes that are only computed, never published."""


def run(spark: SparkSession, lake: Lake, context: RunContext, gates: Gates = no_gates) -> None:
    """Bring gold and the published results up to date with silver.

    `gates` judges what was computed and raises GateRefused, before anything is written.
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
    people = settled(computed_people(histories, context, places, rules))
    gold = _gold(spark, lake, people, scope)
    if scope is not None:
        of_persons = _of_persons(context, gold)
        if _results_stand(spark, context, of_persons):
            stays = hudi.read(spark, lake, tables.STAY)
            _, arrived = side_by_side(
                lambda: gates(Outcome(before, before, {})),
                lambda: publish.of_arrivals(context, stays, received.result()),
            )
            publish.write(context, arrived, note)
            return
        found = results.compute(context, gold.whole, rules)
    else:
        found, of_persons = side_by_side(
            lambda: results.compute(context, gold.whole, rules),
            lambda: _of_persons(context, gold),
        )
    # What may be seen is worked out on one thread, meanwhile the others judge and commit.
    published = started(
        lambda: publish.compute(context, gold.whole, found, places, received.result())
    )
    _, sums = side_by_side(
        lambda: gates(Outcome(found, before, gold.whole)),
        lambda: _sums(context, gold, found, stored),
    )
    _commit(context, of_persons, sums, note)
    publish.write(context, published.result(), note)


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
                    facilities_of(places, settings, row["tenant"]),
                    rules,
                )
                for row in batch.to_pylist()
            ]
            yield pa.RecordBatch.from_pylist(rows, schema=arrow)

    histories.sparkSession.conf.set("spark.sql.execution.arrow.maxRecordsPerBatch", _BATCH)
    return histories.mapInArrow(work, schema)


def _person_row(
    row: Mapping[str, object],
    as_of: object,
    places: Facilities,
    rules: Rulebook,
) -> dict[str, object]:
    history = history_of(row, as_of, places)
    return {
        "tenant": row["tenant"],
        "person_id": row["person_id"],
        **rows_of(compute(history, rules.codes, rules.planned, rules.ages)),
    }


def _people_schema() -> StructType:
    schema = StructType().add("tenant", "string").add("person_id", "string")
    for table in PERSON_TABLES:
        entry = StructType([f for f in schema_of(table) if f.name not in _STAMPED])
        schema = schema.add(table.name, ArrayType(entry))
    return schema


def _gold(spark: SparkSession, lake: Lake, people: DataFrame, scope: Scope | None) -> Gold:
    """Return the tables of persons: what was computed, what is replaced, and the two together."""
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
