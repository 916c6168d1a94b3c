"""Silver derived again from bronze, for tenants whose rows an earlier version got wrong.

Bronze holds the exact text of what was received. Silver is computed from all of it, as for a new
lake, in a folder of its own; then the tables are compared and only rows that are wrong are
replaced or removed. Every step can be done again: a rebuild that breaks off is taken on by the
next run. Source: docs/adr/0035-rebuild.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare import naming
from metriccare.fhir.raw_files import is_kept
from metriccare.incremental.context import RunContext
from metriccare.jobs import silver
from metriccare.jobs.differences import with_marker
from metriccare.jobs.parallel import in_parallel
from metriccare.jobs.rejects import RECORD, open_rejects
from metriccare.jobs.silver import SilverCounts
from metriccare.settings import Lake
from metriccare.spark import hudi, timeline
from metriccare.spark.schema import conform, settled, settled_with
from metriccare.spark.timeline import CommitNote
from metriccare.tables import TABLES, Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import silver as tables
from metriccare.tables.declaration import ORDERING, RECORD_KEY, RUN_ID
from metriccare.tracking.states import FileRecord, FileState

STEP = "rebuilt"
# Of these tables each row is derived from bronze; the patients let go are a log of runs.
_DERIVED = tuple(table for table in tables.TABLES if table is not tables.RELEASED_PATIENT)
# The marker of rows that go is among the columns of a table that is written as changes.
_MARKED = (tables.ENCOUNTER_DETAIL,)
_REJECT_STAMPS = frozenset({RUN_ID.name, ORDERING.name, "redriven_run_id"})
_COUNTED = (FileState.LOADED, FileState.PUBLISHED)


@dataclass(frozen=True)
class _Workbench(Lake):
    """The lake with silver, and what its rules reject, in a folder of its own."""

    def path(self, relative: str) -> str:
        """Return the place of something below the root; of derived tables the one to compare."""
        is_derived = relative.startswith(f"{naming.SILVER}/")
        if is_derived or relative == bronze_tables.QUARANTINE.path:
            return super().path(f"{naming.REBUILD_FOLDER}/{relative}")
        return super().path(relative)


@dataclass(frozen=True)
class _Differing:
    """Rows of a table that are wrong or should not be there, and rows it should have; or None."""

    wrong: DataFrame | None
    missing: DataFrame | None


def of_tenants(rows: DataFrame, tenants: Collection[str]) -> DataFrame:
    """Return the rows of the tenants that are rebuilt."""
    if naming.EVERY_TENANT in tenants:
        return rows
    return rows.where(F.col("tenant").isin(sorted(tenants)))


def remove_damaged(
    spark: SparkSession, context: RunContext, layers: Collection[str]
) -> dict[str, int]:
    """Remove rows whose columns are of different rows; return how many, by table."""

    def remove(table: Table) -> int:
        rows = of_tenants(hudi.misfiled(spark, context.lake, table), context.rebuild)
        return _remove(rows, context, table, f"{STEP}-damaged")

    looked_at = [table for table in TABLES if table.layer in layers]
    counts = in_parallel(remove, looked_at)
    return {t.full_name: count for t, count in zip(looked_at, counts, strict=True) if count}


def incomplete_files(
    spark: SparkSession, context: RunContext, files: Sequence[FileRecord]
) -> list[FileRecord]:
    """Return the files of which bronze does not hold the rows it once did, if they still exist."""
    rows = of_tenants(hudi.read(spark, context.lake, bronze_tables.RESOURCE), context.rebuild)
    counts = rows.groupBy("file_id").count().collect()
    stored = {row.file_id: row["count"] for row in counts}
    return [
        file
        for file in files
        if file.state in _COUNTED
        and not {file.tenant, naming.EVERY_TENANT}.isdisjoint(context.rebuild)
        and file.rows_loaded != stored.get(file.file_id, 0)
        and is_kept(file.location)
    ]


def others(context: RunContext) -> RunContext:
    """Return the context without files that are on their way again for a tenant that is rebuilt."""
    again = tuple(file for file in context.taken_again if file.tenant not in context.rebuild)
    return replace(context, taken_again=again)


def run(spark: SparkSession, context: RunContext) -> SilverCounts:
    """Bring silver of the tenants to what bronze gives today."""
    remove_damaged(spark, context, (naming.SILVER,))
    bench = replace(
        context,
        lake=_Workbench(context.lake.root),
        pending_runs=_every_run(spark, context),
        taken_again=(),
        rebuild=frozenset(),
    )
    clear(spark, context.lake)
    counts = silver.run(spark, bench)
    for table in _DERIVED:
        _bring(spark, context, bench, table)
    _bring_rejects(spark, context, bench)
    clear(spark, context.lake)
    return counts


def clear(spark: SparkSession, lake: Lake) -> None:
    """Remove the folder in which silver is derived."""
    path, file_system = timeline.opened(spark, lake.path(naming.REBUILD_FOLDER))
    file_system.delete(path, True)


def _every_run(spark: SparkSession, context: RunContext) -> Mapping[str, frozenset[str] | None]:
    """Return every run that took rows in, so that all rows of the tenants count as new."""
    rows = of_tenants(hudi.read(spark, context.lake, bronze_tables.RESOURCE), context.rebuild)
    found = {row.run_id for row in rows.select(RUN_ID.name).distinct().collect()}
    whole = naming.EVERY_TENANT in context.rebuild
    return dict.fromkeys(sorted({*found, context.run_id}), None if whole else context.rebuild)


def _bring(spark: SparkSession, context: RunContext, bench: RunContext, table: Table) -> None:
    """Replace what differs in a table: a wrong row may count as newer, so it goes first."""
    wanted = hudi.read(spark, bench.lake, table)
    stored = of_tenants(hudi.read(spark, context.lake, table), context.rebuild)
    stamps = {RUN_ID.name} if table.versioned else {RUN_ID.name, ORDERING.name}
    differing = _differing(wanted, stored, table, stamps)
    _remove(differing.wrong, context, table, STEP)
    if differing.missing is not None:
        context.check_lease()
        note = CommitNote(context.run_id, f"{STEP}-rows")
        if table in _MARKED:
            rows = with_marker(conform(differing.missing, table))
            hudi.append_changed(rows, context.lake, table, note)
        else:
            hudi.append(differing.missing, context.lake, table, note)


def _bring_rejects(spark: SparkSession, context: RunContext, bench: RunContext) -> None:
    """Settle what the row rules reject no longer, and write what they reject today.

    What was rejected when it was received is no resource of bronze and stays.
    """
    table = bronze_tables.QUARANTINE
    bronze = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    received = bronze.select(F.col(RECORD_KEY.name).alias("record"))
    rejects = of_tenants(open_rejects(spark, context.lake), context.rebuild)
    stored = rejects.withColumn("record", F.expr(RECORD)).join(received, "record", "left_semi")
    wanted = hudi.read(spark, bench.lake, table)
    differing = _differing(wanted, stored.drop("record"), table, _REJECT_STAMPS)
    if differing.wrong is not None:
        context.check_lease()
        redriven = differing.wrong.withColumn("redriven_run_id", F.lit(context.run_id))
        hudi.write(redriven, context.lake, table, CommitNote(context.run_id, f"{STEP}-settled"))
    if differing.missing is not None:
        context.check_lease()
        note = CommitNote(context.run_id, f"{STEP}-rejects")
        hudi.write(differing.missing, context.lake, table, note)


def _differing(
    wanted: DataFrame, stored: DataFrame, table: Table, stamps: Collection[str]
) -> _Differing:
    """Compare rows by key and content; what only a run stamps is no content."""
    key, row = RECORD_KEY.name, F.struct(*table.column_names)
    content = F.struct(*[name for name in table.column_names if name not in stamps])
    new = wanted.select(key, row.alias("new"), content.alias("new_content"))
    old = stored.select(key, row.alias("old"), content.alias("old_content"))
    both = new.join(old, key, "full").where("not (new_content <=> old_content)")
    rows, counts = settled_with(
        both.select("new", "old"), missing=F.count("new"), wrong=F.count("old")
    )
    return _Differing(
        wrong=rows.where("old is not null").select("old.*") if counts["wrong"] else None,
        missing=rows.where("new is not null").select("new.*") if counts["missing"] else None,
    )


def _remove(rows: DataFrame | None, context: RunContext, table: Table, step: str) -> int:
    if rows is None:
        return 0
    gone = settled(rows)
    count = gone.count()
    if count:
        context.check_lease()
        hudi.remove(gone, context.lake, table, CommitNote(context.run_id, step))
    return count
