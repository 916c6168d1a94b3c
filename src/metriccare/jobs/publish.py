"""Publication: results with small cells hidden, in tables that may be seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

from pyspark.sql import Column, DataFrame, SparkSession, Window
from pyspark.sql import functions as F  # noqa: N812
from pyspark.sql.types import StructType

from metriccare import naming
from metriccare.jobs.context import RunContext
from metriccare.jobs.differences import write_differences
from metriccare.jobs.parallel import in_parallel
from metriccare.jobs.results import TenantResult, as_of_column
from metriccare.measures import BY_ID, INFECTION_HOSPITAL_ACQUIRED
from metriccare.measures.facility import Facilities
from metriccare.measures.published_rows import CodeCount, Hidden, hidden_of
from metriccare.measures.results import Group, Result
from metriccare.measures.suppression import SMALLEST_SHOWN
from metriccare.quality.rules import DANGLING_REFERENCE, RECEPTION_RULES, RULES
from metriccare.spark import hudi
from metriccare.spark.schema import schema_of
from metriccare.tables import Table
from metriccare.tables import bronze as bronze_tables
from metriccare.tables import gold as gold_tables
from metriccare.tables import publish as tables
from metriccare.tables import silver as silver_tables

_SENTENCES = {
    rule.id: (rule.severity, rule.sentence)
    for rule in (*RECEPTION_RULES, *RULES, DANGLING_REFERENCE)
}
ROWS = "rows"


@dataclass(frozen=True)
class Published:
    """The rows a published table is to have."""

    table: Table
    rows: DataFrame


def compute(
    spark: SparkSession,
    context: RunContext,
    gold: Mapping[str, DataFrame],
    results: Sequence[TenantResult],
    places: Mapping[str, Facilities],
) -> dict[str, Published]:
    """Return the rows of every published table."""
    codes = code_counts(gold[gold_tables.INFECTION_EVENT.name])
    hidden = hidden_by_tenant(results, codes, places)
    frames = {
        tables.MEASURE: measures(spark, results, hidden, places),
        tables.INFECTION_CODE: infection_codes(spark, context, codes, hidden),
        tables.DATA_QUALITY: data_quality(spark, context, gold),
        tables.FRESHNESS: freshness(spark, context),
    }
    return {table.name: Published(table, rows) for table, rows in frames.items()}


def write(context: RunContext, published: Mapping[str, Published], note: hudi.CommitNote) -> None:
    """Write the published tables; the measures come last, when all else stands."""

    def write_one(one: Published) -> None:
        stored = hudi.read(one.rows.sparkSession, context.lake, one.table)
        write_differences(one.rows, stored, context, one.table, note)

    in_parallel(write_one, [one for one in published.values() if one.table is not tables.MEASURE])
    write_one(published[tables.MEASURE.name])


def hidden_by_tenant(
    results: Iterable[TenantResult],
    codes: Mapping[str, Sequence[CodeCount]],
    places: Mapping[str, Facilities],
) -> dict[str, Hidden]:
    """Return what each tenant's published rows must not show."""
    by_tenant: dict[str, list[Result]] = {}
    for one in results:
        by_tenant.setdefault(one.tenant, []).append(one.result)
    return {
        tenant: hidden_of(
            by_tenant.get(tenant, []),
            codes.get(tenant, ()),
            places.get(tenant, Facilities()).hospital_of(),
        )
        for tenant in sorted(by_tenant.keys() | codes.keys())
    }


def measures(
    spark: SparkSession,
    results: Sequence[TenantResult],
    hidden: Mapping[str, Hidden],
    places: Mapping[str, Facilities],
) -> DataFrame:
    """Return results with hidden cells blanked and strata in words."""
    rows = [
        _published(
            one,
            places.get(one.tenant, Facilities()),
            is_hidden=one.result.group in hidden[one.tenant].groups,
        )
        for one in results
    ]
    return _frame(spark, tables.MEASURE, _PUBLISHED, rows)


def _frame(
    spark: SparkSession, table: Table, names: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> DataFrame:
    declared = {f.name: f for f in schema_of(table)}
    schema = StructType([declared[name] for name in names])
    return spark.createDataFrame(rows, schema, verifySchema=False)


_PUBLISHED = (
    "tenant",
    "measure_id",
    "grain",
    "period_start",
    "stratum_type",
    "stratum_value",
    "period_end",
    "stratum_label",
    "numerator",
    "denominator",
    "value",
    "ci_low",
    "ci_high",
    "suppressed",
    "as_of",
    "measure_version",
    "ci_method",
    "method",
    "measure_title",
    "predicted",
    "sir",
    "median",
    "percentile_90",
    "geometric_mean",
)


def _published(one: TenantResult, places: Facilities, *, is_hidden: bool) -> tuple[Any, ...]:
    """Return a row of publish.measure; a hidden one keeps its name and loses every number."""
    result = one.result
    found = result.figure
    beside = (one.predicted, one.sir, result.median, result.percentile_90, result.geometric_mean)
    figures = (result.numerator, result.denominator, found.value, found.ci_low, found.ci_high)
    return (
        one.tenant,
        *result.group,
        one.period_end,
        label_of(result.group, places),
        *((None,) * len(figures) if is_hidden else figures),
        is_hidden,
        one.as_of,
        one.version,
        None if is_hidden else found.ci_method,
        result.method,
        BY_ID[result.group.measure_id].title_by(result.method),
        *((None,) * len(beside) if is_hidden else beside),
    )


def label_of(group: Group, places: Facilities) -> str:
    """Return a stratum in words: a hospital's or ward's name, a code as people write it."""
    value = group.stratum_value
    if group.stratum_type == "hospital":
        return places.name(value) or value
    if group.stratum_type == "department":
        place = places.locations.get(value)
        return (place.name if place else None) or value
    if group.stratum_type == "infection_type":
        return value.upper()
    return value.replace("_", " ").title()


def _is_small(count: Column) -> Column:
    return (count > 0) & (count < SMALLEST_SHOWN)


def code_counts(events: DataFrame) -> dict[str, list[CodeCount]]:
    """Return hospital-acquired events by code, by tenant; our own words travel beside them."""
    counted = (
        events.where(F.array_contains("measure_ids", INFECTION_HOSPITAL_ACQUIRED.id))
        .groupBy("tenant", "code_system", "code", "infection_type")
        .agg(F.count("*").alias("events"), F.max("display").alias("display"))
    )
    found: dict[str, list[CodeCount]] = {}
    for row in counted.collect():
        count = CodeCount(row.code_system, row.code, row.infection_type, row.events, row.display)
        found.setdefault(row.tenant, []).append(count)
    return found


def infection_codes(
    spark: SparkSession,
    context: RunContext,
    codes: Mapping[str, Sequence[CodeCount]],
    hidden: Mapping[str, Hidden],
) -> DataFrame:
    """Return hospital-acquired events by code with hidden counts blanked."""
    names = ("tenant", "code_system", "code", "display", "infection_type", "events", "suppressed")
    rows = []
    for tenant, counts in sorted(codes.items()):
        for one in sorted(counts):
            is_hidden = (one.code_system, one.code) in hidden[tenant].codes
            shown = None if is_hidden else one.events
            words = (one.code_system, one.code, one.display, one.infection_type)
            rows.append((tenant, *words, shown, is_hidden, context.as_of_for(tenant)))
    return _frame(spark, tables.INFECTION_CODE, (*names, "as_of"), rows)


def data_quality(
    spark: SparkSession, context: RunContext, gold: Mapping[str, DataFrame]
) -> DataFrame:
    """Return rows by layer, table and rule; small counts of flagged rows are hidden."""
    bronze = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    rejects = hudi.read(spark, context.lake, bronze_tables.QUARANTINE)
    quarantine = rejects.where("redriven_run_id is null")
    counts = [
        _counted(bronze, "bronze", F.col("resource_type"), F.lit(ROWS)),
        _counted(
            quarantine, "bronze", F.coalesce("resource_type", F.lit("unknown")), F.col("rule_id")
        ),
        *[_flags(spark, context, table) for table in silver_tables.BY_RESOURCE.values()],
        _flag_counts(gold[gold_tables.STAY.name], gold_tables.STAY),
    ]
    every = reduce(DataFrame.unionByName, counts)
    return _described(every, context)


def _counted(rows: DataFrame, layer: str, table: Column, rule: Column) -> DataFrame:
    return (
        rows.select(
            "tenant", F.lit(layer).alias("layer"), table.alias("table_name"), rule.alias("rule_id")
        )
        .groupBy("tenant", "layer", "table_name", "rule_id")
        .agg(F.count("*").alias("row_count"))
    )


def _flags(spark: SparkSession, context: RunContext, table: Table) -> DataFrame:
    return _flag_counts(hudi.read(spark, context.lake, table).where("not deleted"), table)


def _flag_counts(rows: DataFrame, table: Table) -> DataFrame:
    flagged = rows.select("tenant", F.explode("dq_flags").alias("rule_id"))
    return _counted(flagged, table.layer, F.lit(table.name), F.col("rule_id"))


def _described(counts: DataFrame, context: RunContext) -> DataFrame:
    described = [(rule, severity, text) for rule, (severity, text) in _SENTENCES.items()]
    words = counts.sparkSession.createDataFrame(
        [*described, (ROWS, "info", "Rows received.")],
        "rule_id string, severity string, meaning string",
    )
    rejected = F.when(F.col("layer") == "bronze", F.lit("reject")).otherwise(F.lit("warn"))
    plain = F.initcap(F.regexp_replace("rule_id", "_", " "))
    small = _is_hidden_quality()
    return (
        counts.join(F.broadcast(words), "rule_id", "left")
        .withColumn("severity", F.coalesce("severity", rejected))
        .withColumn("meaning", F.coalesce("meaning", plain))
        .withColumn("suppressed", small)
        .withColumn("row_count", F.when(~small, F.col("row_count")))
        .withColumn("as_of", as_of_column(context))
    )


# Resources that speak of no patient: how many there are identifies nobody.
_OF_NOBODY = ("Organization", "Location", "Practitioner", "PractitionerRole", "HealthcareService")


def _is_hidden_quality() -> Column:
    """Tell whether a count of rows, or what is left beside it of all rows, is a small cell."""
    kind = F.col("table_name")
    for resource_type, table in silver_tables.BY_RESOURCE.items():
        kind = F.when(F.col("table_name") == table.name, resource_type).otherwise(kind)
    rows = F.when(F.col("rule_id") == ROWS, F.col("row_count"))
    whole = F.max(rows).over(Window.partitionBy("tenant", kind))
    beside = F.when(F.col("layer") == naming.SILVER, whole - F.col("row_count"))
    concerns_people = ~kind.isin(*_OF_NOBODY) | (F.col("rule_id") != ROWS)
    found = (_is_small(F.col("row_count")) & concerns_people) | _is_small(beside)
    return F.coalesce(found, F.lit(False))


def freshness(spark: SparkSession, context: RunContext) -> DataFrame:
    """Return the newest version and arrival of each resource type."""
    bronze = hudi.read(spark, context.lake, bronze_tables.RESOURCE)
    return (
        bronze.groupBy("tenant", "resource_type")
        .agg(
            F.max("last_updated").alias("last_updated"),
            F.max("ingested_at").alias("last_ingested_at"),
        )
        .withColumn("published_at", F.lit(context.started_at).cast("timestamp"))
        .withColumn("as_of", as_of_column(context))
    )
