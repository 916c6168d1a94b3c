"""Bronze rows of one resource type parsed into silver columns, in one pass."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812

from metriccare.sources.fhir.declarations import Resource, declared_shape, identifiers_of
from metriccare.sources.fhir.reference_elements import CONTAINED
from metriccare.sources.fhir.shapes import Shape, has_misfit, number_pattern, without_nulls
from metriccare.tables.keys import SEPARATOR
from metriccare.tables.silver import FROM_BRONZE

CORRUPT_COLUMN = "_corrupt_record"


def parse(rows: DataFrame, resource: Resource) -> DataFrame:
    """Return bronze rows with `r`, the resource parsed by its declared shape.

    A tombstone has no resource: its elements are null. Null elements of lists are left out; this
    is done only for texts that contain `null`.
    """
    shape = declared_shape(resource)
    corrupt = Shape("STRUCT", (*shape.members, (CORRUPT_COLUMN, Shape("STRING"))))
    text = F.when(~F.col("deleted"), _readable("raw", shape))
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": CORRUPT_COLUMN}
    # Two steps, because the second names the parsed value often and it must be parsed only once.
    read = rows.withColumn("r", F.from_json(text, corrupt.spark_type, options))
    cleaned = F.expr(f"if(contains(raw, 'null'), {without_nulls('r', corrupt)}, r)")
    return read.withColumn("r", cleaned)


def _readable(column: str, shape: Shape) -> Column:
    """Return the text to parse: numbers whose digits are kept are in quotes."""
    pattern = number_pattern(shape)
    return F.regexp_replace(column, pattern, '"$1":"$2"') if pattern else F.col(column)


def with_columns(parsed: DataFrame, resource: Resource) -> DataFrame:
    """Return parsed rows with the declared silver columns and the header in silver's names."""
    for field in (CONTAINED, *resource.hidden):
        parsed = parsed.withColumn(field.name, F.expr(field.sql))
    misfit = has_misfit("r", declared_shape(resource))
    base = [F.expr(f.sql).cast(f.type).alias(f.name) for f in resource.columns if f.step == 0]
    rows = parsed.select(
        "tenant",
        F.col("resource_id").alias("id"),
        *base,
        F.expr(identifiers_of(resource)).alias("identifiers"),
        "deleted",
        F.when(F.col("deleted"), F.coalesce("last_updated", "ingested_at")).alias("deleted_at"),
        F.coalesce("last_updated", "ingested_at").alias("last_updated"),
        F.col("last_updated").alias("last_updated_sent"),
        *FROM_BRONZE,
        F.col("record_key").alias("bronze_key"),
        F.concat_ws(SEPARATOR, "tenant", F.lit(resource.type), "resource_id").alias("record_key"),
        F.expr(f"r.{CORRUPT_COLUMN} is not null or {misfit}").alias("is_misshapen"),
        F.expr("coalesce(size(r.modifierExtension), 0) > 0").alias("has_modifier_extension"),
    )
    for step in range(1, 1 + max(f.step for f in resource.columns)):
        rows = rows.withColumns({f.name: F.expr(f.sql) for f in resource.columns if f.step == step})
    return rows
