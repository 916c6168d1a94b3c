"""What plain DuckDB needs for the same bytes without a table format: the limit of a full load.

Read the text, hash it, parse it by the same schemas, write the text and the parsed columns as
zstd Parquet. `python -m benchmarks.limit_duckdb FOLDER OUT`.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

from metriccare.engine.duckdb.spark_sql import json_structure
from metriccare.sources.fhir.declarations import declared_shape
from metriccare.sources.fhir.resources import RESOURCES


def main(folder: Path, out: Path) -> None:
    """Read, hash, parse and write; say on stderr what each half took."""
    out.mkdir(parents=True, exist_ok=True)
    session = duckdb.connect()
    began = time.monotonic()
    lines = (
        f"read_csv('{folder}/**/*.ndjson', delim = '\x01', quote = '', escape = '',"
        " header = false, columns = {'raw': 'VARCHAR'}, max_line_size = 67108864)"
    )
    _write(
        session,
        "SELECT raw, sha256(raw) AS raw_sha256, json_extract_string(raw, '$.resourceType')"
        f" AS resource_type, false AS deleted FROM {lines}",
        out / "raw.parquet",
    )
    sys.stderr.write(f"Raw text in {time.monotonic() - began:.1f} s\n")
    began = time.monotonic()
    for resource in RESOURCES:
        structure = json.dumps(json_structure(declared_shape(resource).spark_type))
        _write(
            session,
            f"SELECT raw_sha256, unnest(json_transform(raw, '{structure}'))"
            f" FROM '{out / 'raw.parquet'}' WHERE resource_type = '{resource.type}'",
            out / f"{resource.table}.parquet",
        )
    sys.stderr.write(f"Parsed columns in {time.monotonic() - began:.1f} s\n")


def _write(session: duckdb.DuckDBPyConnection, select: str, place: Path) -> None:
    session.execute(f"COPY ({select}) TO '{place}' (FORMAT parquet, COMPRESSION zstd)")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
