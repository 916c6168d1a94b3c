"""Bronze rows of one resource type parsed into silver columns, in one pass."""

from __future__ import annotations

from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812

from metriccare.fhir.forms import SHAPE_COMMON, Resource

CORRUPT_COLUMN = "_corrupt_record"
_HEADER = (
    "source_file",
    "source_line",
    "full_url",
    "raw_sha256",
    "ingest_sequence",
    "ingested_at",
    "file_id",
)


def parse(rows: DataFrame, resource: Resource) -> DataFrame:
    """Return bronze rows with `r`, the resource parsed by its declared shape.

    A tombstone has no resource: its elements are null.
    """
    columns = f"{_as_struct(resource.shape)},{_as_struct(SHAPE_COMMON)},{CORRUPT_COLUMN}:STRING"
    text = F.when(~F.col("deleted"), F.col("raw"))
    options = {"mode": "PERMISSIVE", "columnNameOfCorruptRecord": CORRUPT_COLUMN}
    return rows.withColumn("r", F.from_json(text, f"STRUCT<{columns}>", options))


def _as_struct(columns: str) -> str:
    """Return a column list (`a STRING, b INT`) as the inside of a struct type (`a:STRING,b:INT`).

    Only the separators outside brackets are columns.
    """
    parts, depth, start = [], 0, 0
    for place, sign in enumerate(columns):
        depth += (sign == "<") - (sign == ">") + (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            parts.append(columns[start:place])
            start = place + 1
    parts.append(columns[start:])
    return ",".join(part.strip().replace(" ", ":", 1) for part in parts)


def with_columns(parsed: DataFrame, resource: Resource) -> DataFrame:
    """Return parsed rows with the declared silver columns and the header in silver's names."""
    base = [F.expr(f.sql).cast(f.type).alias(f.name) for f in resource.fields if f.step == 0]
    rows = parsed.select(
        "tenant",
        F.col("resource_id").alias("id"),
        *base,
        F.expr("r.identifier").alias("identifiers"),
        "deleted",
        F.when(F.col("deleted"), F.coalesce("last_updated", "ingested_at")).alias("deleted_at"),
        F.coalesce("last_updated", "ingested_at").alias("last_updated"),
        F.col("last_updated").alias("last_updated_sent"),
        *_HEADER,
        F.col("record_key").alias("bronze_key"),
        F.concat_ws("|", "tenant", F.lit(resource.type), "resource_id").alias("record_key"),
        F.expr(f"r.{CORRUPT_COLUMN} is not null").alias("is_misshapen"),
        F.expr("coalesce(size(r.modifierExtension), 0) > 0").alias("has_modifier_extension"),
    )
    for step in range(1, 1 + max(f.step for f in resource.fields)):
        rows = rows.withColumns({f.name: F.expr(f.sql) for f in resource.fields if f.step == step})
    return rows
