"""Silver: the newest good version of every resource, typed, its references resolved.

Per type with new rows: parse, judge by the row rules, keep the newest version, resolve
references, write what changed. Which version wins is decided from the rows, not from the order
of commits, so that any batching of the same input ends in the same table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.forms import Resource
from metriccare.fhir.misfit import misfits
from metriccare.fhir.resources import RESOURCES
from metriccare.incremental.context import RunContext
from metriccare.jobs import encounter_detail, references, replayed, second_look, versions
from metriccare.jobs.arrivals import Arrivals, are_few, arrivals_by_type
from metriccare.jobs.parallel import in_parallel
from metriccare.jobs.written import of_pending_runs, unwritten
from metriccare.quality.rules import REJECT, SHAPE_INVALID, WARN, Rule, rules_for
from metriccare.spark import hudi
from metriccare.spark.resource_frame import parse, with_columns
from metriccare.spark.schema import let_go, settled, settled_with
from metriccare.spark.timeline import CommitNote
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import silver as tables

STEP = "silver"


@dataclass(frozen=True)
class SilverCounts:
    """Rows rejected by the row rules, and resource types written."""

    rejected: int
    types: tuple[str, ...]


def run(spark: SparkSession, context: RunContext) -> SilverCounts:
    """Take up the bronze rows of the pending runs."""
    pending = pending_rows(spark, context, replayed.withdraw(spark, context))
    arrivals = arrivals_by_type(pending)
    if not arrivals and tuple(context.pending_runs) == (context.run_id,):
        # Nothing new, and no run before this one left anything half done.
        return SilverCounts(0, ())
    if are_few(sum(one.rows for one in arrivals.values())):
        # A few thousand rows are kept rather than looked for in bronze once for every type.
        pending = settled(pending)
    note = CommitNote(context.run_id, STEP)
    rejected = sum(
        _load_together(context, pending, wave, arrivals, note) for wave in waves(set(arrivals))
    )
    second_look.decide_again(spark, context, note)
    encounter_detail.refresh(spark, context, note)
    return SilverCounts(rejected, tuple(sorted(arrivals)))


def pending_rows(
    spark: SparkSession, context: RunContext, withdrawn: DataFrame | None = None
) -> DataFrame:
    """Return the bronze rows silver has not taken up yet, or whose resources were withdrawn."""
    bronze = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    is_new = of_pending_runs(context)
    if withdrawn is None:
        return bronze.where(is_new)
    marked = F.broadcast(withdrawn.withColumn("_withdrawn", F.lit(True)))
    rows = bronze.join(marked, list(replayed.KEY), "left")
    return rows.where(is_new | F.col("_withdrawn")).drop("_withdrawn")


def waves(types: set[str]) -> list[list[Resource]]:
    """Return the resources to load, those others refer to before those that refer to them."""
    targets = references.targets()
    present = [resource for resource in RESOURCES if resource.type in types]
    first = [r for r in present if r.type in targets and not _required_targets(r)]
    return [wave for wave in (first, [r for r in present if r not in first]) if wave]


def _required_targets(resource: Resource) -> set[str]:
    return {ref.target for ref in resource.references if ref.required}


def _load_together(
    context: RunContext,
    pending: DataFrame,
    wave: list[Resource],
    arrivals: Mapping[str, Arrivals],
    note: CommitNote,
) -> int:
    """Load independent types from a few threads: planning one overlaps writing another."""

    def load(resource: Resource) -> int:
        return _load(context, pending, resource, arrivals[resource.type], note)

    return sum(in_parallel(load, wave))


def _load(
    context: RunContext,
    pending: DataFrame,
    resource: Resource,
    arrivals: Arrivals,
    note: CommitNote,
) -> int:
    """Write one type's newest versions; return how many rows the rules rejected.

    Rejected rows go along with the good ones, so that all are parsed and kept but once.
    """
    rows = pending.where(F.col("resource_type") == resource.type)
    parsed = with_judgement(with_columns(parse(rows, resource), resource), resource)
    newest = versions.winners(parsed, arrivals, context, resource)
    judged, found = _resolved(newest, arrivals, context, resource)
    if found["contested"]:
        known = versions.repeats(judged, context, resource)
        if not known.isEmpty():
            # In ordinary feeds there are none; they must not even be referred to.
            newest = versions.without(newest, known)
            judged, found = _resolved(newest, arrivals, context, resource)
    if found["rejected"]:
        _quarantine(context, judged, rows, resource, note)
    if found["rows"]:
        _write(judged.where(versions.IS_GOOD), found, context, resource, note)
    let_go(judged)
    return found["rejected"]


def _resolved(
    newest: DataFrame, arrivals: Arrivals, context: RunContext, resource: Resource
) -> tuple[DataFrame, dict[str, int]]:
    """Return rows with their references resolved, and of how many something more must be done."""
    good = F.expr(versions.IS_GOOD)
    return settled_with(
        references.resolve(newest, arrivals.indirect, context, resource),
        rejected=F.count("rule_id"),
        rows=F.count_if(good),
        known=F.count_if(good & F.col("stored_updated").isNotNull()),
        contested=F.count_if(good & F.col("contested")),
        waiting=F.count_if(good & (F.size(references.WAITING) > 0)),
        named=F.count_if(good & (F.size(references.NAMED) > 0)),
        released=F.count_if(good & F.col("released_patient_id").isNotNull()),
    )


def _write(
    current: DataFrame,
    found: Mapping[str, int],
    context: RunContext,
    resource: Resource,
    note: CommitNote,
) -> None:
    """Write the rows that become current; what follows from them is written down before."""
    context.check_lease()
    references.write_names(current, found, context, resource, note)
    versions.write_released(current, found["released"], context, resource, note)
    write = hudi.write if found["known"] else hudi.append
    write(_as_table_rows(current, context), context.lake, tables.BY_RESOURCE[resource.type], note)


def with_judgement(rows: DataFrame, resource: Resource) -> DataFrame:
    """Return rows with `rule_id` and `reason` of the first rule that rejects, and `dq_flags`."""
    rejecting = rules_for(resource.type, REJECT)
    flags = [F.expr(f"if({r.condition}, '{r.id}', null)") for r in rules_for(resource.type, WARN)]
    first = F.coalesce(*[F.expr(f"if({r.condition}, '{r.id}', null)") for r in rejecting])
    reason = F.coalesce(*[F.when(F.col("rule_id") == r.id, _reason(r)) for r in rejecting])
    return (
        rows.withColumn("rule_id", F.when(~F.col("deleted"), first))
        .withColumn("reason", reason)
        .withColumn("dq_flags", F.array_compact(F.array(*flags)))
        .withColumn("dq_flags", F.when(F.col("deleted"), F.array()).otherwise(F.col("dq_flags")))
    )


def _reason(rule: Rule) -> Column:
    return F.concat_ws(" ", F.lit(rule.sentence), F.expr(rule.found))


def _quarantine(
    context: RunContext,
    judged: DataFrame,
    rows: DataFrame,
    resource: Resource,
    note: CommitNote,
) -> None:
    """Write the rows the rules reject, with their text from bronze."""
    bad = judged.where("rule_id is not null").select("bronze_key", "rule_id", "reason")
    rejects = rows.join(bad, F.col("record_key") == F.col("bronze_key"))
    rejects = rejects.withColumn("reason", F.concat_ws(" ", "reason", _misfits()))
    step = CommitNote(note.run_id, f"{STEP}-{resource.type}")
    context.check_lease()
    quarantined = as_quarantine_rows(rejects, context)
    table = bronze_tables.QUARANTINE
    left = unwritten(quarantined, context, table, which="redriven_run_id is null")
    if left is not None:
        hudi.write(left, context.lake, table, step)


def _misfits() -> Column:
    """Return what does not fit a resource's shape, in words; null for what other rules reject."""
    is_misshapen = F.col("rule_id") == SHAPE_INVALID
    found = F.udf(lambda kind, raw: misfits(kind, raw) if raw else None, "string")
    words = found("resource_type", F.when(is_misshapen, F.col("raw")))
    return F.when(words != "", words)


def as_quarantine_rows(rejects: DataFrame, context: RunContext) -> DataFrame:
    """Return bronze rows with `rule_id` and `reason` as rows of the quarantine."""
    return (
        rejects.withColumn("run_id", F.lit(context.run_id))
        .withColumn("redriven_run_id", F.lit(None).cast("string"))
        .withColumn("record_key", F.concat_ws("|", "record_key", "rule_id"))
        .withColumn("ordering", F.col("ingest_sequence"))
    )


def _as_table_rows(rows: DataFrame, context: RunContext) -> DataFrame:
    return rows.withColumn("run_id", F.lit(context.run_id)).withColumn(
        "ordering", F.unix_micros("last_updated")
    )
