"""References resolved to keys, whatever form they came in.

References that name an id are resolved when they are parsed. The rest - searches by identifier,
urns of bundle entries, logical and contained references - are looked up here by name. An urn is
looked for among the entries of its own Bundle first; a name that several resources go by means
none of them. What a name means can change when resources arrive, change or go: references that
wait are kept in one table, names that were resolved in another, and both are decided again at the
end of every run. So the outcome depends on what has arrived, never on the order.

Sources: FHIR R4 references, and Bundle, resolving references; ingest specification, section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.forms import ArrayReference, Reference, Resource
from metriccare.fhir.references import (
    About,
    any_of,
    every,
    is_unexpected_type,
    name,
    names_other,
)
from metriccare.fhir.resources import RESOURCES
from metriccare.incremental.context import RunContext
from metriccare.jobs.versions import IS_GOOD
from metriccare.quality.rules import AMBIGUOUS_REFERENCE, DANGLING_REFERENCE, REFERENCE_TYPE
from metriccare.spark import hudi
from metriccare.spark.schema import afresh, settled, settled_with
from metriccare.spark.timeline import CommitNote
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import silver as tables

# Columns of resolved rows: the references that have no target yet, and the names resolved.
WAITING, NAMED = "waiting", "named"
_WAITING_TYPE = "array<struct<reference:string,ambiguous:boolean>>"
_NAMED_TYPE = "array<struct<name:string,target_id:string>>"
# What each name of a row means: the target, whether several fit, the type an urn of the same
# Bundle has instead, and whether it was found by its name in the whole tenant.
_FOUND = "found"
_MEANING_TYPE = "struct<target_id:string,ambiguous:boolean,other:string,by_name:boolean>"
URN = "urn"
Meaning = Callable[[Reference | ArrayReference, str], str]
WAITS, RESOLVED = tables.UNRESOLVED_REFERENCE, tables.RESOLVED_NAME


def resolve(rows: DataFrame, indirect: bool, context: RunContext, resource: Resource) -> DataFrame:
    """Return rows with references looked up and flagged, WAITING and NAMED.

    `indirect` tells whether any row may need a look-up; when none does, none is made.
    """
    if not _refers(resource):
        return rows.withColumns({WAITING: _none(_WAITING_TYPE), NAMED: _none(_NAMED_TYPE)})
    rows, is_found = _with_found(rows, context, resource) if indirect else (rows, False)
    meaning = _meaning if is_found else _no_meaning
    if is_found:
        rows = _with_flags(_filled(rows, resource), resource)
    flagged = _with_dangling_flag(rows, context, resource, meaning)
    named = _named(resource) if is_found else _none(_NAMED_TYPE)
    lists = {WAITING: _waiting_for(resource, meaning), NAMED: named}
    live = {key: F.when(~F.col("deleted"), value) for key, value in lists.items()}
    return flagged.withColumns(live).drop(_FOUND)


def _none(kind: str) -> Column:
    return F.array().cast(kind)


def targets() -> set[str]:
    """Return the resource types that resources of any type refer to."""
    scalars = {ref.target for r in RESOURCES for ref in r.references}
    return scalars | {ref.target for r in RESOURCES for ref in r.array_references}


def _refers(resource: Resource) -> bool:
    return bool(resource.references or resource.array_references)


def _meaning(ref: Reference | ArrayReference, text: str) -> str:
    return f"{_FOUND}[{name(ref, text)}]"


def _no_meaning(ref: Reference | ArrayReference, text: str) -> str:
    """Return what a name means where none was looked up."""
    return f"cast(null as {_MEANING_TYPE})"


def _with_found(rows: DataFrame, context: RunContext, resource: Resource) -> tuple[DataFrame, bool]:
    """Return rows with what each name means that a reference without a key goes by.

    Also whether there is any such name.
    """
    # Joined with what is derived from itself: an open plan would bring its columns twice.
    rows = settled(rows)
    good = afresh(rows).where(IS_GOOD)
    names = every(resource, lambda ref, id_, text: f"if({id_} is null, {name(ref, text)}, null)")
    wanted = good.select(
        "tenant", "record_key", "file_id", "bundle", F.explode(F.expr(names)).alias("name")
    )
    kinds = kinds_of(wanted)
    if not kinds:
        return rows, False
    meanings = _meanings(wanted, kinds, (resource, afresh(good)), context)
    entry = F.struct("name", F.struct("target_id", "ambiguous", "other", "by_name"))
    by_row = meanings.groupBy("record_key").agg(
        F.map_from_entries(F.collect_list(entry)).alias(_FOUND)
    )
    return rows.join(by_row, "record_key", "left"), True


def kinds_of(named: DataFrame) -> set[str]:
    """Return what names ask for: resource types of searches, and `urn`."""
    kind = F.when(F.col("name").contains(" urn:"), URN).otherwise(F.substring_index("name", "?", 1))
    return {row.kind for row in named.select(kind.alias("kind")).distinct().collect()}


def _meanings(
    wanted: DataFrame,
    kinds: set[str],
    incoming: tuple[Resource, DataFrame],
    context: RunContext,
) -> DataFrame:
    """Return what names mean, by row: in the row's own Bundle first, then in the whole tenant."""
    if URN not in kinds:
        return _in_tenant(wanted, kinds, incoming, context)
    wanted = settled(wanted)
    local = settled(_in_bundle(wanted, context))
    rest, left = settled_with(
        afresh(wanted).join(local, ["record_key", "name"], "left_anti"),
        urns=F.count_if(F.col("name").contains(" urn:")),
        names=F.count("*"),
    )
    if not left["names"]:
        return local
    kinds = kinds if left["urns"] else kinds - {URN}
    return local.unionByName(_in_tenant(rest, kinds, incoming, context))


def _in_bundle(wanted: DataFrame, context: RunContext) -> DataFrame:
    """Return what urns mean among the entries of the Bundle the row came in."""
    spark = wanted.sparkSession
    entries = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    entries = entries.where("full_url like 'urn:%' and bundle is not null").select(
        *("tenant", "file_id", "bundle", "resource_type", "resource_id"),
        F.col("full_url").alias("urn"),
    )
    urns = wanted.where(F.col("name").contains(" urn:")).select(
        *("tenant", "record_key", "file_id", "bundle", "name"),
        F.substring_index("name", " ", 1).alias("target"),
        F.expr("substr(name, instr(name, ' ') + 1)").alias("urn"),
    )
    is_target = F.col("resource_type") == F.col("target")
    grouped = (
        urns.join(entries, ["tenant", "file_id", "bundle", "urn"])
        .groupBy("record_key", "name")
        .agg(
            *_least_and_greatest(F.when(is_target, F.col("resource_id"))),
            F.min(F.when(~is_target, F.col("resource_type"))).alias("other"),
        )
    )
    other = F.when(F.col("least").isNull(), F.col("other"))
    return grouped.select(
        *("record_key", "name"),
        *_one_or_ambiguous(),
        other.alias("other"),
        F.lit(False).alias("by_name"),
    )


def _least_and_greatest(target: Column) -> tuple[Column, Column]:
    return F.min(target).alias("least"), F.max(target).alias("greatest")


def _one_or_ambiguous() -> tuple[Column, Column]:
    """Return the one target there is, and whether there are several."""
    least, greatest = F.col("least"), F.col("greatest")
    ambiguous = F.coalesce(least != greatest, F.lit(False))
    return F.when(~ambiguous, least).alias("target_id"), ambiguous.alias("ambiguous")


def _in_tenant(
    wanted: DataFrame,
    kinds: set[str],
    incoming: tuple[Resource, DataFrame],
    context: RunContext,
) -> DataFrame:
    known = meanings_of(kinds, context, incoming)
    return wanted.join(known, ["tenant", "name"]).select(
        *("record_key", "name", "target_id", "ambiguous"),
        F.lit(None).cast("string").alias("other"),
        F.lit(True).alias("by_name"),
    )


def meanings_of(
    kinds: set[str],
    context: RunContext,
    incoming: tuple[Resource, DataFrame] | None = None,
) -> DataFrame:
    """Return what resources may be called - search by identifier, urn - and whom each name means.

    A name that several resources go by means none: `target_id` is null and `ambiguous` true.
    `incoming` are parsed rows about to be written, which may refer to each other.
    """
    spark = SparkSession.active()
    frames = [_urns(spark, context)] if URN in kinds else []
    for resource in RESOURCES:
        if resource.type not in kinds:
            continue
        stored = hudi.read(spark, context.lake, tables.BY_RESOURCE[resource.type])
        if incoming is not None and incoming[0].type == resource.type:
            frames.append(_names(incoming[1], resource.type))
            replaced = afresh(incoming[1]).select("record_key")
            stored = stored.join(replaced, "record_key", "left_anti")
        frames.append(_names(stored, resource.type))
    if not frames:
        return spark.createDataFrame(
            [], "tenant string, name string, target_id string, ambiguous boolean"
        )
    names = reduce(DataFrame.unionByName, frames)
    grouped = names.groupBy("tenant", "name").agg(*_least_and_greatest(F.col("target_id")))
    return grouped.select("tenant", "name", *_one_or_ambiguous())


def _names(rows: DataFrame, resource_type: str) -> DataFrame:
    """Return `Type?identifier=system|value`, and the same without system, for each identifier."""
    identified = rows.where(~F.col("deleted")).select(
        "tenant", F.col("id").alias("target_id"), F.explode("identifiers").alias("i")
    )
    asked = F.lit(f"{resource_type}?identifier=")
    search = F.concat(asked, F.col("i.value"))
    full = F.concat(asked, F.col("i.system"), F.lit("|"), F.col("i.value"))
    return identified.select(
        "tenant", F.explode(F.array_compact(F.array(full, search))).alias("name"), "target_id"
    )


def _urns(spark: SparkSession, context: RunContext) -> DataFrame:
    """Return the urns bundle entries go by, each with the type of its entry before it."""
    bronze = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    return bronze.where("full_url like 'urn:%'").select(
        "tenant",
        F.concat_ws(" ", "resource_type", "full_url").alias("name"),
        F.col("resource_id").alias("target_id"),
    )


def _filled(rows: DataFrame, resource: Resource) -> DataFrame:
    """Return rows with the keys that were found."""
    return with_ids(
        rows,
        resource,
        lambda ref, id_, text: f"coalesce({id_}, {_meaning(ref, text)}.target_id)",
    )


def with_ids(rows: DataFrame, resource: Resource, about: About) -> DataFrame:
    """Return rows with the id of every reference set to what an expression gives for it."""
    for ref in resource.references:
        id_ = f"{ref.name}_id"
        rows = rows.withColumn(id_, F.expr(about(ref, id_, f"{ref.name}_reference")))
    by_column: dict[str, dict[str, str]] = {}
    for one in resource.array_references:
        id_ = f"{one.name}_id"
        ids = by_column.setdefault(one.column, {})
        ids[id_] = about(one, f"e.{id_}", f"e.{one.name}_reference")
    for column, ids in by_column.items():
        # Spark's field order is the declared one: the table's type must come out unchanged.
        names = rows.select(F.expr(f"inline({column})")).columns
        parts = ", ".join(f"'{part}', {ids.get(part, f'e.{part}')}" for part in names)
        rows = rows.withColumn(column, F.expr(f"transform({column}, e -> named_struct({parts}))"))
    return rows


def _with_flags(rows: DataFrame, resource: Resource) -> DataFrame:
    """Flag rows of which a name fits several resources, or an urn one of another type."""
    other = any_of(
        resource,
        lambda ref, id_, text: (
            f"{id_} is null and {is_unexpected_type(ref, f'{_meaning(ref, text)}.other')}"
        ),
    )
    several = any_of(
        resource, lambda ref, id_, text: f"{id_} is null and {_meaning(ref, text)}.ambiguous"
    )
    for rule_id, condition in ((REFERENCE_TYPE, other), (AMBIGUOUS_REFERENCE.id, several)):
        known = F.array_contains("dq_flags", rule_id)
        flag = F.array_append("dq_flags", F.lit(rule_id))
        is_new = ~F.col("deleted") & ~known & F.expr(condition)
        rows = rows.withColumn("dq_flags", F.when(is_new, flag).otherwise(F.col("dq_flags")))
    return rows


def _with_dangling_flag(
    rows: DataFrame, context: RunContext, resource: Resource, meaning: Meaning
) -> DataFrame:
    """Flag rows whose required target is not in the lake."""
    for ref in (ref for ref in resource.references if ref.required):
        id_, text = f"{ref.name}_id", f"{ref.name}_reference"
        present = (
            hudi.read(rows.sparkSession, context.lake, tables.BY_RESOURCE[ref.target])
            .where(~F.col("deleted"))
            .select("tenant", F.col("id").alias(id_), F.lit(True).alias("_present"))
        )
        # Another type is no patient to wait for; of several none is missing.
        means = meaning(ref, text)
        missing = F.expr(
            "_present is null and not deleted"
            f" and not coalesce({means}.ambiguous or {means}.other is not null, false)"
            f" and not coalesce({names_other(ref, text)}, false)"
        )
        flag = F.array_append("dq_flags", F.lit(DANGLING_REFERENCE.id))
        rows = (
            rows.join(present, ["tenant", id_], "left")
            .withColumn("dq_flags", F.when(missing, flag).otherwise(F.col("dq_flags")))
            .drop("_present")
        )
    return rows


def _waiting_for(resource: Resource, meaning: Meaning) -> Column:
    """Return what a row waits for: references without a key, and required targets not there.

    What names another type can never be resolved and does not wait, nor does a contained resource
    without an identifier: it is no target of its own.
    """

    def waits(ref: Reference | ArrayReference, id_: str, text: str) -> str:
        means = meaning(ref, text)
        return (
            f"if({id_} is null and {text} not like '#%' and {means}.other is null"
            f" and not coalesce({names_other(ref, text)}, false), named_struct('reference', {text},"
            f" 'ambiguous', coalesce({means}.ambiguous, false)), null)"
        )

    direct = [
        f"if(array_contains(dq_flags, '{DANGLING_REFERENCE.id}') and {ref.name}_id is not null,"
        f" named_struct('reference', '{ref.target}/' || {ref.name}_id, 'ambiguous', false), null)"
        for ref in resource.references
        if ref.required
    ]
    more = f"array_compact(array({', '.join(direct)}))" if direct else "array()"
    return F.expr(f"array_distinct(concat({every(resource, waits)}, {more}))").cast(_WAITING_TYPE)


def _named(resource: Resource) -> Column:
    """Return the names of a row that were resolved in the whole tenant, each with its target."""

    def resolved(ref: Reference | ArrayReference, _: str, text: str) -> str:
        meaning = _meaning(ref, text)
        return (
            f"if({meaning}.by_name and {meaning}.target_id is not null, named_struct('name',"
            f" {name(ref, text)}, 'target_id', {meaning}.target_id), null)"
        )

    return F.expr(every(resource, resolved)).cast(_NAMED_TYPE)


def write_names(
    current: DataFrame,
    found: Mapping[str, int],
    context: RunContext,
    resource: Resource,
    note: CommitNote,
) -> None:
    """Write down what rows about to be written wait for, and by which names they were resolved.

    What the rows they replace waited for is forgotten.
    """
    step = CommitNote(note.run_id, f"{note.step}-{resource.table}")
    if found["known"] and hudi.exists(current.sparkSession, context.lake, WAITS):
        keys = current.select("tenant", "id")
        bring_waiting(current, keys, context, resource, step)
    elif found["waiting"]:
        _put_waiting(_waiting_rows(current, resource), context, step)
    if found["named"]:
        put_names(current, context, step)


def _waiting_rows(rows: DataFrame, resource: Resource) -> DataFrame:
    waiting = rows.select(
        "tenant",
        F.lit(resource.table).alias("table_name"),
        "id",
        F.explode(WAITING).alias("waits"),
    )
    return waiting.select("tenant", "table_name", "id", "waits.*").withColumn(
        "record_key", F.concat_ws("|", "tenant", "table_name", "id", "reference")
    )


def bring_waiting(
    rows: DataFrame, keys: DataFrame, context: RunContext, resource: Resource, step: CommitNote
) -> None:
    """Bring what the rows with some keys (tenant, id) wait for to what `rows` say."""
    wanted = _waiting_rows(rows, resource)
    stored = hudi.read(rows.sparkSession, context.lake, WAITS)
    stored = stored.where(F.col("table_name") == resource.table)
    stored = settled(stored.join(F.broadcast(afresh(keys)), ["tenant", "id"], "left_semi"))
    gone, facts = settled_with(
        stored.join(wanted.select("record_key"), "record_key", "left_anti"), rows=F.count("*")
    )
    if facts["rows"]:
        context.check_lease()
        hudi.remove(gone, context.lake, WAITS, CommitNote(step.run_id, f"{step.step}-settled"))
    _put_waiting(wanted, context, step)


def _put_waiting(wanted: DataFrame, context: RunContext, step: CommitNote) -> None:
    """Write what is waited for; what is written down like that already is left alone."""
    rows = wanted.withColumns(
        {"run_id": F.lit(context.run_id), "ordering": F.lit(1).cast("bigint")}
    )
    stored = hudi.read(wanted.sparkSession, context.lake, WAITS)
    same = stored.select("record_key", F.coalesce("ambiguous", F.lit(False)).alias("ambiguous"))
    left, facts = settled_with(
        rows.join(same, ["record_key", "ambiguous"], "left_anti").dropDuplicates(["record_key"]),
        rows=F.count("*"),
    )
    if facts["rows"]:
        context.check_lease()
        hudi.write(left, context.lake, WAITS, CommitNote(step.run_id, f"{step.step}-waiting"))


def put_names(rows: DataFrame, context: RunContext, step: CommitNote) -> None:
    """Write down names that were resolved for the first time, and what they meant."""
    named = rows.select("tenant", F.explode(NAMED).alias("n")).select("tenant", "n.*")
    keyed = _name_rows(named, context).dropDuplicates(["record_key"])
    stored = hudi.read(rows.sparkSession, context.lake, RESOLVED).select("record_key")
    left, facts = settled_with(keyed.join(stored, "record_key", "left_anti"), rows=F.count("*"))
    if facts["rows"]:
        context.check_lease()
        hudi.write(left, context.lake, RESOLVED, CommitNote(step.run_id, f"{step.step}-names"))


def _name_rows(named: DataFrame, context: RunContext) -> DataFrame:
    return named.select(
        *("tenant", "name", "target_id"),
        F.lit(context.run_id).alias("run_id"),
        F.concat_ws("|", "tenant", "name").alias("record_key"),
        F.lit(1).cast("bigint").alias("ordering"),
    )
