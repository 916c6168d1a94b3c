"""References resolved to keys, whatever form they came in.

References that name an id are resolved when they are parsed. The rest - searches by identifier,
urns of bundle entries, logical and contained references - are looked up here by the text they
came as; those whose target has not arrived are kept in a table and looked up again when new
resources arrive. Sources: FHIR R4 references; ingest specification, section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.forms import Resource
from metriccare.fhir.resources import RESOURCES
from metriccare.jobs.context import RunContext
from metriccare.jobs.versions import IS_GOOD
from metriccare.jobs.written import is_written, unwritten
from metriccare.quality.rules import DANGLING_REFERENCE
from metriccare.spark import hudi
from metriccare.spark.schema import afresh, settled
from metriccare.spark.timeline import CommitNote
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import silver as tables

_WAITING = tables.UNRESOLVED_REFERENCE
# Column of resolved rows: the references that have no target yet.
WAITING = "waiting"


def resolve(rows: DataFrame, indirect: bool, context: RunContext, resource: Resource) -> DataFrame:
    """Return rows with references looked up and flagged, and WAITING: texts that wait still.

    `indirect` tells whether any row may need a look-up; when none does, none is made.
    """
    found = _looked_up(rows, context, resource) if indirect and _refers(resource) else rows
    flagged = _with_dangling_flag(found, context, resource)
    waiting = _waiting_for(resource) if _refers(resource) else F.array().cast("array<string>")
    return flagged.withColumn(WAITING, F.when(~F.col("deleted"), waiting))


def targets() -> set[str]:
    """Return the resource types that resources of any type refer to."""
    scalars = {ref.target for r in RESOURCES for ref in r.references}
    return scalars | {ref.target for r in RESOURCES for ref in r.array_references}


def _refers(resource: Resource) -> bool:
    return bool(resource.references or resource.array_references)


def unresolved(resource: Resource) -> Column:
    """Return the texts of a row's references that have no key yet, as an array."""
    scalars = [
        F.when(F.col(f"{ref.name}_id").isNull(), F.col(f"{ref.name}_reference"))
        for ref in resource.references
    ]
    arrays = [
        F.expr(
            f"transform(filter({ref.column}, e -> e.{ref.name}_id is null),"
            f" e -> e.{ref.name}_reference)"
        )
        for ref in resource.array_references
    ]
    parts = [F.array(*scalars), *[F.coalesce(part, F.array()) for part in arrays]]
    texts = F.array_distinct(F.array_compact(F.concat(*parts)))
    # A contained resource is no target of its own; one with an identifier came as a search.
    return F.filter(texts, lambda text: ~text.startswith("#"))


def _looked_up(rows: DataFrame, context: RunContext, resource: Resource) -> DataFrame:
    """Return rows with every reference filled whose target is in the lake or the same batch."""
    # Joined with what is derived from itself: an open plan would bring its columns twice.
    rows = settled(rows)
    good = afresh(rows).where(IS_GOOD)
    wanted = good.select("tenant", "record_key", F.explode(unresolved(resource)).alias("alias"))
    kinds = _kinds(wanted)
    if not kinds:
        return rows
    found = wanted.join(aliases(kinds, afresh(good), context), ["tenant", "alias"])
    by_row = found.groupBy("record_key").agg(
        F.map_from_entries(F.collect_set(F.struct("alias", "target_id"))).alias("found")
    )
    joined = rows.join(by_row, "record_key", "left")
    return _filled(joined, resource).drop("found")


def _filled(rows: DataFrame, resource: Resource) -> DataFrame:
    for ref in resource.references:
        name = f"{ref.name}_id"
        rows = rows.withColumn(name, F.expr(f"coalesce({name}, found[{ref.name}_reference])"))
    for column, refs in _by_column(resource).items():
        rows = rows.withColumn(column, F.transform(column, _filler(refs)))
    return rows


def _by_column(resource: Resource) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for ref in resource.array_references:
        grouped.setdefault(ref.column, []).append(ref.name)
    return grouped


def _filler(names: list[str]) -> Callable[[Column], Column]:
    def fill(element: Column) -> Column:
        for name in names:
            known = F.coalesce(element[f"{name}_id"], F.col("found")[element[f"{name}_reference"]])
            element = element.withField(f"{name}_id", known)
        return element

    return fill


def _kinds(wanted: DataFrame) -> set[str]:
    """Return what is referred to: resource types of searches, and `urn`."""
    kind = F.regexp_extract("alias", r"^(urn|[A-Za-z]+)", 1).alias("kind")
    return {row.kind for row in wanted.select(kind).distinct().collect()}


def aliases(kinds: set[str], incoming: DataFrame | None, context: RunContext) -> DataFrame:
    """Return what resources may be called - search by identifier, urn - and the id each means.

    One id per name: where several resources share an identifier the lowest id is taken, so that
    every run agrees. `incoming` are parsed rows about to be written, which may refer to each other.
    """
    spark = SparkSession.active()
    frames = [_urns(spark, context)] if "urn" in kinds else []
    for resource in RESOURCES:
        if resource.type in kinds:
            stored = hudi.read(spark, context.lake, tables.BY_RESOURCE[resource.type])
            frames.append(_names(stored, resource.type))
    if incoming is not None:
        frames.append(_names(incoming, None))
    every = reduce(DataFrame.unionByName, frames)
    return every.groupBy("tenant", "alias").agg(F.min("target_id").alias("target_id"))


def _names(rows: DataFrame, resource_type: str | None) -> DataFrame:
    """Return `Type?identifier=system|value`, and the same without system, for each identifier."""
    kind = F.lit(resource_type) if resource_type else F.element_at(F.split("record_key", r"\|"), 2)
    identified = rows.where(~F.col("deleted")).select(
        "tenant",
        F.col("id").alias("target_id"),
        kind.alias("kind"),
        F.explode("identifiers").alias("i"),
    )
    search = F.concat("kind", F.lit("?identifier="), F.col("i.value"))
    full = F.concat("kind", F.lit("?identifier="), F.col("i.system"), F.lit("|"), F.col("i.value"))
    return identified.select(
        "tenant", F.explode(F.array_compact(F.array(full, search))).alias("alias"), "target_id"
    )


def _urns(spark: SparkSession, context: RunContext) -> DataFrame:
    """Return the urns bundle entries go by."""
    bronze = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    return bronze.where("full_url like 'urn:%'").select(
        "tenant", F.col("full_url").alias("alias"), F.col("resource_id").alias("target_id")
    )


def _with_dangling_flag(rows: DataFrame, context: RunContext, resource: Resource) -> DataFrame:
    """Flag rows whose required target is not in the lake."""
    required = [ref for ref in resource.references if ref.required]
    for ref in required:
        table = tables.BY_RESOURCE[ref.target]
        present = (
            hudi.read(rows.sparkSession, context.lake, table)
            .where(~F.col("deleted"))
            .select("tenant", F.col("id").alias(f"{ref.name}_id"), F.lit(True).alias("_present"))
        )
        missing = F.col("_present").isNull() & ~F.col("deleted")
        flag = F.array_append("dq_flags", F.lit(DANGLING_REFERENCE.id))
        rows = (
            rows.join(present, ["tenant", f"{ref.name}_id"], "left")
            .withColumn("dq_flags", F.when(missing, flag).otherwise(F.col("dq_flags")))
            .drop("_present")
        )
    return rows


def _waiting_for(resource: Resource) -> Column:
    """Return every text a row waits for: unresolved references and dangling required ones."""
    dangling = F.array_contains("dq_flags", DANGLING_REFERENCE.id)
    direct = [
        F.when(
            dangling & F.col(f"{ref.name}_id").isNotNull(),
            F.concat(F.lit(f"{ref.target}/"), F.col(f"{ref.name}_id")),
        )
        for ref in resource.references
        if ref.required
    ]
    return F.array_distinct(F.concat(unresolved(resource), F.array_compact(F.array(*direct))))


def write_waiting(
    rows: DataFrame, count: int, context: RunContext, resource: Resource, note: CommitNote
) -> None:
    """Write down the references of resolved rows that wait for their targets."""
    if not count:
        return
    waiting = rows.select(
        "tenant",
        F.lit(resource.table).alias("table_name"),
        "id",
        F.explode(WAITING).alias("reference"),
    )
    rows_to_write = waiting.select(
        "*",
        F.lit(context.run_id).alias("run_id"),
        F.concat_ws("|", "tenant", "table_name", "id", "reference").alias("record_key"),
        F.lit(1).cast("bigint").alias("ordering"),
    ).dropDuplicates(["record_key"])
    left = unwritten(rows_to_write, context, _WAITING)
    if left is not None:
        step = CommitNote(note.run_id, f"waiting-{resource.table}")
        hudi.write(left, context.lake, _WAITING, step)


def resolve_waiting(spark: SparkSession, context: RunContext, note: CommitNote) -> None:
    """Resolve references of earlier rows whose targets have arrived since."""
    if not hudi.exists(spark, context.lake, _WAITING):
        return
    if not any(is_written(spark, context, tables.BY_RESOURCE[kind]) for kind in targets()):
        return
    waiting = hudi.read(spark, context.lake, _WAITING)
    arrived = settled(_arrived(spark, context, waiting))
    names = {row.table_name for row in arrived.select("table_name").distinct().collect()}
    for resource in RESOURCES:
        if resource.table in names:
            _settle(spark, context, resource, arrived, note)
    _forget(context, waiting, arrived, note)


def _arrived(spark: SparkSession, context: RunContext, waiting: DataFrame) -> DataFrame:
    """Return the waiting references that can be resolved now, with their targets."""
    patients = hudi.read(spark, context.lake, tables.BY_RESOURCE["Patient"])
    direct = patients.where(~F.col("deleted")).select(
        "tenant",
        F.concat(F.lit("Patient/"), F.col("id")).alias("alias"),
        F.col("id").alias("target_id"),
    )
    kinds = _kinds(waiting.select(F.col("reference").alias("alias")))
    searched = kinds & {"urn", *tables.BY_RESOURCE}
    known = aliases(searched, None, context).unionByName(direct) if searched else direct
    return waiting.join(known.withColumnRenamed("alias", "reference"), ["tenant", "reference"])


def _settle(
    spark: SparkSession,
    context: RunContext,
    resource: Resource,
    arrived: DataFrame,
    note: CommitNote,
) -> None:
    table = tables.BY_RESOURCE[resource.type]
    found = (
        arrived.where(F.col("table_name") == resource.table)
        .groupBy("tenant", "id")
        .agg(F.map_from_entries(F.collect_set(F.struct("reference", "target_id"))).alias("found"))
    )
    stored = hudi.read(spark, context.lake, table).join(found, ["tenant", "id"])
    # A run that died may have resolved some: what waits for nothing is not written again.
    rows = settled(stored.where(F.arrays_overlap(_waiting_for(resource), F.map_keys("found"))))
    if rows.isEmpty():
        return
    cleared = F.array_remove("dq_flags", DANGLING_REFERENCE.id)
    filled = _filled(rows, resource).drop("found").withColumn("dq_flags", cleared)
    flagged = _with_dangling_flag(filled, context, resource)
    context.check_lease()
    step = CommitNote(note.run_id, f"resolved-{resource.table}")
    hudi.write(flagged.withColumn("run_id", F.lit(context.run_id)), context.lake, table, step)


def _forget(
    context: RunContext,
    waiting: DataFrame,
    arrived: DataFrame,
    note: CommitNote,
) -> None:
    done = waiting.join(arrived.select("record_key"), "record_key", "left_semi")
    if not done.isEmpty():
        step = CommitNote(note.run_id, "resolved")
        hudi.remove(done, context.lake, _WAITING, step)
