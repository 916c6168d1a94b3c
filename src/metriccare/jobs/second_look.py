"""References of earlier rows decided again, where what they name means something else by now.

A reference that waited can be resolved when its target has arrived. One that was resolved by a
name is not any more when a second resource goes by that name, or the first no longer does. Only
rows that refer by such a name are read; their references are looked up as on arrival.
"""

from __future__ import annotations

from functools import reduce

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.forms import Reference, Resource, literal_id
from metriccare.fhir.references import any_of, every, name
from metriccare.fhir.resources import RESOURCES
from metriccare.incremental.context import RunContext
from metriccare.jobs import references, versions
from metriccare.jobs.written import is_written, written_rows
from metriccare.quality.rules import DANGLING_REFERENCE, LOOKED_UP_RULES
from metriccare.spark import hudi
from metriccare.spark.schema import settled, settled_with
from metriccare.spark.timeline import CommitNote
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import silver as tables

_KEY = ("tenant", "table_name", "id")
_BEFORE = "before"


def decide_again(spark: SparkSession, context: RunContext, note: CommitNote) -> None:
    """Decide again the references whose targets this run's resources have changed."""
    if not any(_is_written(spark, context, kind) for kind in references.targets()):
        return
    changed, moved = _changed(spark, context), _moved(spark, context)
    gone = _gone(spark, context)
    for resource in RESOURCES:
        keys = [changed[resource.table]] if resource.table in changed else []
        if moved is not None:
            keys.append(_named_by(moved, context, resource))
        keys += [
            _missing(gone[ref.target], context, resource, ref)
            for ref in resource.references
            if ref.required and ref.target in gone
        ]
        if keys:
            _decide(reduce(DataFrame.unionByName, keys).distinct(), context, resource, note)
    if moved is not None:
        _note_meanings(moved, context, note)


def _is_written(spark: SparkSession, context: RunContext, kind: str) -> bool:
    return is_written(spark, context, tables.BY_RESOURCE[kind])


def _gone(spark: SparkSession, context: RunContext) -> dict[str, DataFrame]:
    """Return tenant and id of the required targets this run deleted, by resource type."""
    found = {}
    for kind in {ref.target for r in RESOURCES for ref in r.references if ref.required}:
        if _is_written(spark, context, kind):
            written = written_rows(spark, context, tables.BY_RESOURCE[kind]).where("deleted")
            rows, facts = settled_with(written.select("tenant", "id"), rows=F.count("*"))
            if facts["rows"]:
                found[kind] = rows
    return found


def _missing(gone: DataFrame, context: RunContext, resource: Resource, ref: Reference) -> DataFrame:
    """Return the keys of one type's rows whose required target is gone and not flagged yet."""
    stored = hudi.read(gone.sparkSession, context.lake, tables.BY_RESOURCE[resource.type])
    key = f"{ref.name}_id"
    live = stored.where(~F.col("deleted") & ~F.array_contains("dq_flags", DANGLING_REFERENCE.id))
    named = gone.withColumnRenamed("id", key)
    return live.join(F.broadcast(named), ["tenant", key], "left_semi").select("tenant", "id")


def _changed(spark: SparkSession, context: RunContext) -> dict[str, DataFrame]:
    """Return the rows of which a waiting reference can be told more about now, by table.

    The rows are tenant and id.
    """
    if not hudi.exists(spark, context.lake, references.WAITS):
        return {}
    waiting = hudi.read(spark, context.lake, references.WAITS)
    named, direct = _named_of(waiting, context), _arrived_of(waiting, context)
    rows = settled(named.select(*_KEY).unionByName(direct.select(*_KEY)).distinct())
    names = [row.table_name for row in rows.select("table_name").distinct().collect()]
    return {name: rows.where(F.col("table_name") == name).select("tenant", "id") for name in names}


def _named_of(waiting: DataFrame, context: RunContext) -> DataFrame:
    """Return what waits for a name that one resource goes by now, or several, or no longer."""
    kind = F.when(F.col("reference").startswith("urn:"), references.URN).otherwise(
        F.regexp_extract("reference", r"^([A-Za-z]+)[?]", 1)
    )
    kinds = {row.kind for row in waiting.select(kind.alias("kind")).distinct().collect()}
    known = references.meanings_of(kinds, context).select(
        "tenant",
        F.regexp_replace("name", "^[A-Za-z]+ (?=urn:)", "").alias("reference"),
        "target_id",
        F.col("ambiguous").alias("is_ambiguous"),
    )
    no = F.lit(False)
    differs = F.coalesce("is_ambiguous", no) != F.coalesce("ambiguous", no)
    joined = waiting.join(known, ["tenant", "reference"], "left")
    return joined.where(F.col("target_id").isNotNull() | differs)


def _arrived_of(waiting: DataFrame, context: RunContext) -> DataFrame:
    """Return what waits for a patient that is there now."""
    patients = hudi.read(waiting.sparkSession, context.lake, tables.BY_RESOURCE["Patient"])
    arrived = patients.where(~F.col("deleted")).select(
        "tenant", F.concat(F.lit("Patient/"), "id").alias("reference")
    )
    return waiting.join(arrived, ["tenant", "reference"], "left_semi")


def _moved(spark: SparkSession, context: RunContext) -> DataFrame | None:
    """Return the resolved names that mean another resource by now, or none; None for no names.

    What they mean now is `now_id`.
    """
    if not hudi.exists(spark, context.lake, references.RESOLVED):
        return None
    resolved = hudi.read(spark, context.lake, references.RESOLVED)
    known = references.meanings_of(references.kinds_of(resolved), context).select(
        "tenant", "name", F.col("target_id").alias("now_id")
    )
    joined = resolved.join(known, ["tenant", "name"], "left")
    differs = ~F.col("target_id").eqNullSafe(F.col("now_id"))
    moved, facts = settled_with(joined.where(differs), names=F.count("*"))
    return moved if facts["names"] else None


def _named_by(moved: DataFrame, context: RunContext, resource: Resource) -> DataFrame:
    """Return the keys of one type's rows that refer by one of the names."""
    stored = hudi.read(moved.sparkSession, context.lake, tables.BY_RESOURCE[resource.type])
    names = F.expr(every(resource, lambda ref, _, text: name(ref, text)))
    named = stored.where(~F.col("deleted")).select("tenant", "id", F.explode(names).alias("name"))
    return named.join(F.broadcast(moved), ["tenant", "name"], "left_semi").select("tenant", "id")


def _decide(keys: DataFrame, context: RunContext, resource: Resource, note: CommitNote) -> None:
    """Look the references of stored rows up again and write the rows that come out different."""
    table = tables.BY_RESOURCE[resource.type]
    keys = settled(keys)
    stored = hudi.read(keys.sparkSession, context.lake, table).join(
        F.broadcast(keys), ["tenant", "id"], "left_semi"
    )
    is_urn = any_of(resource, lambda _, __, text: f"{text} like 'urn:%'")
    rows, facts = settled_with(stored, urns=F.count_if(F.expr(is_urn)), rows=F.count("*"))
    if not facts["rows"]:
        return
    opened = _opened(_with_bundle(rows, context, resource, any_urn=bool(facts["urns"])), resource)
    decided, found = settled_with(
        _with_released(references.resolve(opened, True, context, resource), resource),
        named=F.count_if(F.size(references.NAMED) > 0),
        changed=F.count_if(F.col("is_changed")),
        released=F.count_if(F.col("released_patient_id").isNotNull()),
    )
    step = CommitNote(note.run_id, f"again-{resource.table}")
    references.bring_waiting(decided, keys, context, resource, step)
    if found["named"]:
        references.put_names(decided, context, step)
    versions.write_released(decided, found["released"], context, resource, step)
    if found["changed"]:
        context.check_lease()
        changed = decided.where("is_changed").withColumn("run_id", F.lit(context.run_id))
        hudi.write(changed, context.lake, table, step)


def _with_bundle(
    rows: DataFrame, context: RunContext, resource: Resource, *, any_urn: bool
) -> DataFrame:
    """Return rows with the Bundle they came in; without urns nobody asks for it."""
    if not any_urn:
        nothing = F.lit(None).cast("string")
        return rows.withColumns({"file_id": nothing, "bundle": nothing})
    bronze = hudi.read(rows.sparkSession, context.lake, bronze_tables.RESOURCE)
    received = bronze.where(F.col("resource_type") == resource.type).select(
        *("tenant", F.col("resource_id").alias("id"), "ingest_sequence", "raw_sha256"),
        *("file_id", "bundle"),
    )
    key = ["tenant", "id", "ingest_sequence", "raw_sha256"]
    return rows.join(received, key, "left").dropDuplicates(["record_key"])


def _opened(rows: DataFrame, resource: Resource) -> DataFrame:
    """Return rows with their references as they were when parsed, and what they were as `before`.

    The flags that only a look-up gives are taken off.
    """
    ids = [f"{ref.name}_id" for ref in resource.references]
    ids += sorted({one.column for one in resource.array_references})
    rows = rows.withColumn(_BEFORE, F.struct(*ids, "dq_flags"))
    rows = references.with_ids(rows, resource, lambda ref, _, text: literal_id(text, ref.target))
    for rule in LOOKED_UP_RULES:
        rows = rows.withColumn("dq_flags", F.array_remove("dq_flags", rule.id))
    return rows.withColumn("rule_id", F.lit(None).cast("string"))


def _with_released(rows: DataFrame, resource: Resource) -> DataFrame:
    """Return rows with whether they changed, and the patient they no longer name."""
    before = rows.select(f"{_BEFORE}.*").columns
    same = F.struct(*before).eqNullSafe(F.col(_BEFORE))
    patient = versions.patient_of(resource)
    was = F.col(f"{_BEFORE}.patient_id") if "patient_id" in before else patient
    left = was.isNotNull() & ~was.eqNullSafe(patient)
    return rows.withColumns({"is_changed": ~same, "released_patient_id": F.when(left, was)})


def _note_meanings(moved: DataFrame, context: RunContext, note: CommitNote) -> None:
    """Write down what the names mean now; last, so that a run that dies before decides again."""
    context.check_lease()
    lake, table = context.lake, references.RESOLVED
    known = moved.where("now_id is not null").drop("target_id")
    known = known.withColumnRenamed("now_id", "target_id")
    if not known.isEmpty():
        stamped = known.withColumn("run_id", F.lit(context.run_id))
        hudi.write(stamped, lake, table, CommitNote(note.run_id, "again-names"))
    unknown = moved.where("now_id is null")
    if not unknown.isEmpty():
        hudi.remove(unknown, lake, table, CommitNote(note.run_id, "again-forgotten"))
