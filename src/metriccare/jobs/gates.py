"""The gates at the door of publication: what they look at, measured on the computed frames.

What only the tables know is counted while gold is computed; results are in memory already, and
files and runs are asked of the tracking store.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.resources import RESOURCES
from metriccare.jobs.arrivals import are_few
from metriccare.jobs.context import RunContext
from metriccare.jobs.gold import Gates, Outcome
from metriccare.jobs.parallel import started
from metriccare.jobs.rejects import open_rejects
from metriccare.jobs.results import TenantResult
from metriccare.measures import BY_ID
from metriccare.measures.definition import RATE
from metriccare.measures.results import ALL, OVERALL
from metriccare.quality.gates import Counted, Measured, Sizes, Subject, judge
from metriccare.quality.rules import RULES
from metriccare.spark import hudi
from metriccare.spark.schema import afresh, settled
from metriccare.tables import BY_NAME, Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import gold as gold_tables
from metriccare.tables import silver as silver_tables
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from metriccare.tracking.store import TrackingStore

_NAMES = ("tenant", "resource_type", "resource_id")
_KEYS, _FILES, _RESOURCES = "keys", "files", "resources"
_ROW_RULES = tuple(sorted({rule.id for rule in RULES}))
_TABLE_OF = {r.type: silver_tables.BY_RESOURCE[r.type] for r in RESOURCES}

_Counts = dict[str, dict[Subject, Counted]]
# The run under way, and those since the refusal that a person has looked at.
_LOOKED_AT = 10


def at_the_door(spark: SparkSession, context: RunContext, store: TrackingStore) -> Gates:
    """Return what judges a run's gold; it raises GateRefused.

    What the gates ask of bronze and silver is counted from now on, while gold is computed.
    """

    conserved = started(lambda: _conserved(spark, context))

    def judged(outcome: Outcome) -> None:
        repeated = _counted(_repeated(outcome.tables)) if outcome.tables else {}
        found = measured(context, outcome, repeated | conserved.result(), store)
        limits = context.settings.gates
        judge(
            found, limits, context.run_id, is_accepted(store.runs(limit=_LOOKED_AT), limits.accept)
        )

    return judged


def is_accepted(runs: Sequence[RunRecord], accept: str | None) -> bool:
    """Tell whether a person accepted the refusal that stands: no run has succeeded since it."""
    for run in runs:
        if run.state is RunState.SUCCEEDED:
            return False
        if run.state is RunState.REFUSED:
            return run.run_id == accept
    return False


def measured(
    context: RunContext,
    outcome: Outcome,
    counted: _Counts,
    store: TrackingStore,
) -> Measured:
    """Return what the gates look at.

    All files ever received are asked for only when their age matters: they grow with every day.
    """
    ages_matter = context.settings.gates.stale_days is not None
    return Measured(
        keys=counted.get(_KEYS, {}) | _result_keys(outcome.results),
        files=_files(store.files(FileState.LOADED), counted.get(_FILES, {})),
        resources=counted.get(_RESOURCES, {}),
        before=_published_sizes(context, outcome.before),
        after=sizes(outcome.results),
        newest=newest_arrivals(store.files()) if ages_matter else {},
        as_of={one.tenant: one.as_of for one in outcome.results},
    )


def _conserved(spark: SparkSession, context: RunContext) -> _Counts:
    """Return the records of files taken up, and the resources missing, counted in one action."""
    if not context.pending_runs:
        return {}
    pending = _of_this_run(spark, context, bronze_tables.RESOURCE)
    sizes = {
        row.resource_type: row["count"]
        for row in pending.groupBy("resource_type").count().collect()
    }
    if are_few(sum(sizes.values())):
        pending = settled(pending.select("file_id", *_NAMES))
    missing = _missing(spark, context, pending, sizes)
    return _counted(_by_file(spark, context, pending).unionByName(missing))


def _counted(rows: DataFrame) -> _Counts:
    found: _Counts = {}
    for row in rows.collect():
        subject = Subject(row.tenant, row.subject)
        found.setdefault(row.kind, {})[subject] = Counted(row.wanted, row.found)
    return found


def _row(kind: str, subject: Column, wanted: Column, found: Column) -> list[Column]:
    return [
        F.lit(kind).alias("kind"),
        F.col("tenant"),
        subject.alias("subject"),
        wanted.cast("bigint").alias("wanted"),
        found.cast("bigint").alias("found"),
    ]


def _repeated(tables: Mapping[str, DataFrame]) -> DataFrame:
    """Return, of tables whose keys repeat, rows and keys.

    Keys are compared by a hash of 64 bits: shuffling their texts would cost several times as much.
    """
    keys = [_key_hashes(rows, BY_NAME[f"gold.{name}"]) for name, rows in tables.items()]
    every = reduce(DataFrame.unionByName, keys).groupBy("tenant", "name", "key").count()
    totals = (
        every.where("count > 1")
        .groupBy("tenant", "name")
        .agg(F.sum("count").alias("rows"), F.count("*").alias("distinct"))
    )
    return totals.select(*_row(_KEYS, F.col("name"), F.col("rows"), F.col("distinct")))


def _key_hashes(rows: DataFrame, table: Table) -> DataFrame:
    return rows.select(
        "tenant", F.lit(table.full_name).alias("name"), F.xxhash64(*table.key).alias("key")
    )


def _of_this_run(spark: SparkSession, context: RunContext, table: Table) -> DataFrame:
    """Return the rows of files taken up: new ones, and those of files taken up once more."""
    is_new = F.col("run_id").isin(list(context.pending_runs))
    again = [file.file_id for file in context.taken_again]
    return hudi.read(spark, context.lake, table).where(is_new | F.col("file_id").isin(again))


def _by_file(spark: SparkSession, context: RunContext, pending: DataFrame) -> DataFrame:
    """Return the stored records of each file; what row rules rejected is in bronze as well."""
    rejected = _of_this_run(spark, context, bronze_tables.QUARANTINE).where(
        F.col("redriven_run_id").isNull() & ~F.col("rule_id").isin(*_ROW_RULES)
    )
    records = pending.select("tenant", "file_id").unionByName(rejected.select("tenant", "file_id"))
    counted = records.groupBy("tenant", "file_id").count()
    return counted.select(*_row(_FILES, F.col("file_id"), F.lit(0), F.col("count")))


def _missing(
    spark: SparkSession, context: RunContext, pending: DataFrame, sizes: Mapping[str, int]
) -> DataFrame:
    """Return, by type, how many resources are in bronze and neither in silver nor rejected."""
    kept = [
        hudi.read(spark, context.lake, table).select(
            "tenant", F.lit(kind).alias("resource_type"), F.col("id").alias("resource_id")
        )
        for kind, table in _TABLE_OF.items()
        if kind in sizes and hudi.exists(spark, context.lake, table)
    ]
    rejects = open_rejects(spark, context.lake).select(*_NAMES)
    key = F.xxhash64(*_NAMES).alias("key")
    found = reduce(DataFrame.unionByName, [*kept, rejects]).select(key)
    wanted = pending.where(F.col("resource_type").isin(*_TABLE_OF)).select(*_NAMES[:2], key)
    if are_few(sum(sizes.values())):
        found = found.join(F.broadcast(afresh(wanted).select("key")), "key", "left_semi")
    lost = wanted.join(found, "key", "left_anti")
    counted = lost.groupBy(*_NAMES[:2]).agg(F.countDistinct("key").alias("lost"))
    return counted.select(*_row(_RESOURCES, F.col("resource_type"), F.col("lost"), F.lit(0)))


def _files(
    taken_up: Sequence[FileRecord], stored: Mapping[Subject, Counted]
) -> dict[Subject, Counted]:
    return {
        Subject(file.tenant, f"{file.source_file} (file {file.sequence})"): Counted(
            file.rows_loaded + file.rows_quarantined,
            stored.get(Subject(file.tenant, file.file_id), Counted(0, 0)).found,
        )
        for file in taken_up
    }


def _result_keys(results: Sequence[TenantResult]) -> dict[Subject, Counted]:
    """Return, of tenants whose results repeat a key, rows and keys."""
    groups: dict[str, list[object]] = {}
    for one in results:
        groups.setdefault(one.tenant, []).append(one.result.group)
    name = gold_tables.MEASURE_RESULT.full_name
    return {Subject(t, name): Counted(len(found), len(set(found))) for t, found in groups.items()}


def sizes(results: Iterable[TenantResult]) -> dict[Subject, Sizes]:
    """Return the base of every measure over all time."""
    return {
        Subject(one.tenant, one.result.group.measure_id): _sizes(
            one.result.group.measure_id, one.result.denominator, one.result.excluded
        )
        for one in results
        if (one.result.group.grain, one.result.group.stratum_type) == (ALL, OVERALL)
    }


def _sizes(measure_id: str, denominator: int | None, excluded: int | None) -> Sizes:
    """Return candidates and denominator; a rate's denominator is days, not candidates."""
    counted, left_out = denominator or 0, excluded or 0
    is_rate = measure_id in BY_ID and BY_ID[measure_id].shape == RATE
    return Sizes(0 if is_rate else counted + left_out, counted)


def _published_sizes(context: RunContext, before: Sequence[TenantResult]) -> dict[Subject, Sizes]:
    """Return the bases stored by the last run, of tenants whose as_of does not go back."""
    return sizes(one for one in before if one.as_of <= context.as_of_for(one.tenant))


def newest_arrivals(files: Iterable[FileRecord]) -> dict[str, date]:
    """Return the day (UTC) each tenant's newest file was registered."""
    found: dict[str, date] = {}
    for file in files:
        day = file.registered_at.astimezone(UTC).date()
        found[file.tenant] = max(day, found.get(file.tenant, day))
    return found
