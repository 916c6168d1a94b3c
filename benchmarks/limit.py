"""What plain Spark needs for the same bytes without a table format: the limit of a full load.

Read the text, hash it, parse it by the same schemas, write the text and the parsed columns as
zstd parquet. `python -m benchmarks.limit FOLDER OUT`.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from pyspark.sql import functions as F  # noqa: N812

from metriccare.engine.spark.resource_frame import parse
from metriccare.engine.spark.session import local_session
from metriccare.sources.fhir.resources import RESOURCES


def main(folder: Path, out: Path) -> None:
    """Read, hash, parse and write; say on stderr what each half took."""
    size = sum(file.stat().st_size for file in folder.rglob("*.ndjson"))
    spark = local_session(input_bytes=size)
    began = time.monotonic()
    text = spark.read.text(str(folder), recursiveFileLookup=True)
    raw = text.select(
        F.col("value").alias("raw"),
        F.sha2("value", 256).alias("raw_sha256"),
        F.get_json_object("value", "$.resourceType").alias("resource_type"),
        F.lit(False).alias("deleted"),
    )
    _write(raw, out / "raw")
    sys.stderr.write(f"Raw text in {time.monotonic() - began:.1f} s\n")
    began = time.monotonic()
    stored = spark.read.parquet(str(out / "raw"))
    for resource in RESOURCES:
        rows = stored.where(F.col("resource_type") == resource.type)
        _write(parse(rows, resource).select("raw_sha256", "r.*"), out / resource.table)
    sys.stderr.write(f"Parsed columns in {time.monotonic() - began:.1f} s\n")


def _write(rows: object, place: Path) -> None:
    rows.write.mode("overwrite").option("compression", "zstd").parquet(str(place))  # type: ignore[attr-defined]


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
