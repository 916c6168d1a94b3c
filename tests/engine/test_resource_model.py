"""Silver's declared expressions give the same columns on both engines, for a public sample."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from metriccare.engine.duckdb.resource_texts import readable_texts
from metriccare.engine.duckdb.row_inserter import DuckDbRelation
from metriccare.engine.duckdb.session import open_session
from metriccare.engine.duckdb.translations import to_duckdb
from metriccare.engine.resource_model import resource_model
from metriccare.sources.fhir.resources import RESOURCES
from metriccare.tables import bronze
from metriccare.tables.types import duckdb_type

SAMPLE = Path(__file__).parents[2] / "samples" / "synthea-24"


def _resources() -> Iterator[Mapping[str, Any]]:
    lines = [
        (file.name, line)
        for file in sorted(SAMPLE.glob("*.ndjson.gz"))
        for line in gzip.decompress(file.read_bytes()).decode().splitlines()
    ]
    for number, (name, line) in enumerate(lines):
        resource = json.loads(line)
        yield {
            "tenant": "a",
            "resource_type": resource["resourceType"],
            "resource_id": resource["id"],
            "last_updated": resource.get("meta", {}).get("lastUpdated"),
            "deleted": number % 97 == 0,
            "raw": line,
            "raw_sha256": str(number),
            "source_file": name,
            "source_line": number,
            "file_id": "file-1",
            "ingest_sequence": number,
            "record_key": f"a|file-1|{number}",
        }


@pytest.fixture(scope="module")
def native(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """Return a session with the sample as the relation `bronze`."""
    connection = open_session(tmp_path_factory.mktemp("session"))
    connection.register("sample", pa.Table.from_pylist(list(_resources())))
    given = {row[0] for row in connection.execute("DESCRIBE sample").fetchall()}
    given_as = {"last_updated": "CAST(last_updated AS TIMESTAMPTZ)"}
    items = ", ".join(
        f"CAST({given_as.get(c.name, c.name if c.name in given else 'NULL')}"
        f' AS {duckdb_type(c.type)}) AS "{c.name}"'
        for c in bronze.RESOURCE.columns
    )
    connection.execute(f"CREATE TABLE bronze AS SELECT {items} FROM sample")
    return connection


@pytest.fixture(scope="module")
def sample_file(
    native: duckdb.DuckDBPyConnection, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return the same rows as a Parquet file for Spark, with timestamps as instants."""
    place = tmp_path_factory.mktemp("sample") / "bronze.parquet"
    replaced = ", ".join(
        f"CAST({name} AS TIMESTAMPTZ) AS {name}" for name in ("last_updated", "ingested_at")
    )
    native.execute(f"COPY (SELECT * REPLACE ({replaced}) FROM bronze) TO '{place}'")
    return place


def columns_of(table: pa.Table) -> dict[str, list[Any]]:
    """Return each column's values in the order of the bronze key."""
    ordered = table.sort_by("bronze_key")
    return {name: _plain(ordered.column(name)) for name in ordered.column_names}


def _plain(column: pa.ChunkedArray) -> list[Any]:
    if pa.types.is_timestamp(column.type):
        column = column.cast(pa.timestamp("us"))
    values: list[Any] = column.to_pylist()
    return values


@pytest.mark.spark
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.type)
def test_every_column_is_sparks(spark, native, sample_file: Path, resource):
    from metriccare.engine.spark.resource_frame import parse, with_columns
    from metriccare.engine.spark.schema import schema_of

    rows = spark.read.schema(schema_of(bronze.RESOURCE)).parquet(str(sample_file))
    frame = with_columns(
        parse(rows.where(f"resource_type = '{resource.type}'"), resource), resource
    )
    by_spark = columns_of(
        pa.Table.from_batches(frame._collect_as_arrow())
        if frame._jdf.isEmpty() is False
        else pa.table({name: [] for name in frame.columns})
    )
    native.execute(
        "CREATE OR REPLACE VIEW of_type AS SELECT * FROM bronze"
        f" WHERE resource_type = '{resource.type}'"
    )
    texts = readable_texts(DuckDbRelation("of_type"), resource)
    native.execute(f"CREATE OR REPLACE VIEW readable AS {texts}")
    query = to_duckdb(resource_model(resource), {"bronze": "readable"}, {})
    by_duckdb = columns_of(native.sql(query).to_arrow_table())
    assert set(by_spark) == set(by_duckdb)
    different = {
        name: [
            pair for pair in zip(by_duckdb[name], by_spark[name], strict=True) if pair[0] != pair[1]
        ]
        for name in by_duckdb
    }
    assert {name: (len(pairs), pairs[0]) for name, pairs in different.items() if pairs} == {}
