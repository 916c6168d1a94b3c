"""Silver's declared expressions give the same columns on both engines.

The rows are a public sample, and resources of every type with odd numbers and null elements.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
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
from metriccare.sources.fhir.declarations import Resource
from metriccare.sources.fhir.resources import BY_TYPE, RESOURCES
from metriccare.tables import bronze
from metriccare.tables.types import duckdb_type
from tests.pipeline.odd_resources import whole, with_nulls

SAMPLE = Path(__file__).parents[2] / "samples" / "synthea-24"


# How a number may be sent, and what is read of it: the decimal, None for a misshapen resource.
NUMBERS: Mapping[str, str | None] = {
    "108.80000000000001": "108.8",
    "1.50": "1.5",
    "-0.0": "0",
    "1e2": "100",
    "-2.5E-3": "-0.0025",
    "0.0000000000005": "0.000000000001",
    "1e-400": "0",
    "999999.9999999999995": "1000000",
    "12345678.90": "12345678.9",
    "12345678901234567890.123": "12345678901234567890.123",
    "99999999999999999999999999": "99999999999999999999999999",
    '"1,000.5"': "1000.5",
    '"+5"': "5",
    '".5"': "0.5",
    "1e26": None,
    "1e400": None,
    "99999999999999999999999999.9999999999995": None,
    "123456789012345678901234567": None,
    '"1e99999"': None,
    '"5\\n"': None,
    '""': None,
    '"text"': None,
    "true": None,
    "{}": None,
    "[1]": None,
}
# Where such a number stands, by type; its name may be escaped.
PLACES = {
    "Claim": '"item":[{"sequence":1},{"net":{"value":%s}}]',
    "ClaimResponse": '"addItem":[{"adjudication":[{"amount":{"val\\u0075e":%s}}]}]',
    "ExplanationOfBenefit": '"item":[{"adjudication":[{"reason":{}},{"value" : %s}]}]',
    "ChargeItem": '"factorOverride":%s',
    "PaymentReconciliation": '"allocation":[{"amount":{"value":%s}}]',
}


def _odd_lines() -> Iterator[str]:
    for resource in RESOURCES:
        made = whole(resource.type)
        yield json.dumps(made)
        yield json.dumps({**with_nulls(made), "id": "nulls"})
    for resource_type, element in PLACES.items():
        for number, sent in enumerate(NUMBERS):
            head = f'{{"resourceType":"{resource_type}","id":"number-{number}",'
            yield f"{head}{element % sent}}}"


def _lines() -> Iterator[tuple[str, str]]:
    for file in sorted(SAMPLE.glob("*.ndjson.gz")):
        for line in gzip.decompress(file.read_bytes()).decode().splitlines():
            yield file.name, line


def _resources() -> Iterator[Mapping[str, Any]]:
    lines = [(name, line, n % 97 == 0) for n, (name, line) in enumerate(_lines())]
    lines += [("odd.ndjson", line, False) for line in _odd_lines()]
    for number, (name, line, deleted) in enumerate(lines):
        resource = json.loads(line)
        yield {
            "tenant": "a",
            "resource_type": resource["resourceType"],
            "resource_id": resource["id"],
            "last_updated": resource.get("meta", {}).get("lastUpdated"),
            "deleted": deleted,
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


def parsed(session: duckdb.DuckDBPyConnection, resource: Resource) -> pa.Table:
    """Return DuckDB's silver columns of the rows of a type."""
    session.execute(
        "CREATE OR REPLACE VIEW of_type AS SELECT * FROM bronze"
        f" WHERE resource_type = '{resource.type}'"
    )
    texts = readable_texts(DuckDbRelation("of_type"), resource)
    session.execute(f"CREATE OR REPLACE VIEW readable AS {texts}")
    query = to_duckdb(resource_model(resource), {"bronze": "readable"}, {})
    return session.sql(query).to_arrow_table()


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
    by_duckdb = columns_of(parsed(native, resource))
    assert set(by_spark) == set(by_duckdb)
    misshapen = by_duckdb["is_misshapen"]
    assert by_spark["is_misshapen"] == misshapen
    # Of a misshapen resource the engines read different parts; it is rejected whatever they are.
    different = {
        name: [
            pair
            for *pair, is_rejected in zip(by_duckdb[name], by_spark[name], misshapen, strict=True)
            if pair[0] != pair[1] and not is_rejected
        ]
        for name in by_duckdb
    }
    assert {name: (len(pairs), pairs[0]) for name, pairs in different.items() if pairs} == {}


def _numbers_in(value: Any) -> list[Decimal]:
    """Return the decimals at any depth of a column's value."""
    if isinstance(value, Decimal):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [number for one in inner for number in _numbers_in(one)]


@pytest.mark.parametrize("resource_type", PLACES)
def test_a_number_at_any_depth_is_exact_or_its_resource_is_misshapen(native, resource_type):
    rows = {
        row["id"]: row
        for row in parsed(native, BY_TYPE[resource_type]).to_pylist()
        if row["id"].startswith("number-")
    }
    # A number under an escaped name is parsed as a double, as it is when it is read as text.
    is_double = "u0075" in PLACES[resource_type]
    for number, (sent, wanted) in enumerate(NUMBERS.items()):
        row = rows[f"number-{number}"]
        assert row["is_misshapen"] == (wanted is None), sent
        if wanted is not None and not (is_double and len(sent) > 17):
            assert _numbers_in(row) == [Decimal(wanted)], sent


def test_the_digits_of_an_amount_in_a_list_are_kept_as_sent(native):
    rows = {row["id"]: row for row in parsed(native, BY_TYPE["Claim"]).to_pylist()}
    texts = [rows[f"number-{n}"]["items"][1]["net_text"] for n in range(4)]
    assert texts == ["108.80000000000001", "1.50", "-0.0", "1e2"]


def _only_submitted(row: Mapping[str, Any]) -> bool:
    """Return True if the only amounts of an answer are what was billed."""
    decided = [a for item in row["items"] for a in item["adjudications"] or ()]
    amounts = [*decided, *(row["adjudications"] or ()), *row["totals"]]
    return {a["category"] for a in amounts if a["amount"] is not None} == {"submitted"}


def test_every_line_and_adjudication_of_the_sample_is_read(native):
    native.execute("CREATE OR REPLACE TABLE kept AS SELECT * FROM bronze")
    native.execute("UPDATE bronze SET deleted = false WHERE source_file <> 'odd.ndjson'")
    explained = BY_TYPE["ExplanationOfBenefit"]
    sent = [row for row in parsed(native, explained).to_pylist() if row["source_file"][0] == "E"]
    native.execute("CREATE OR REPLACE TABLE bronze AS SELECT * FROM kept")
    lines = [line for row in sent for line in row["items"]]
    assert not any(row["is_misshapen"] for row in sent)
    assert (len(sent), len(lines)) == (3479, 10931)
    assert sum(len(line["adjudications"] or ()) for line in lines) == 39666
    assert sum(map(_only_submitted, sent)) == 1903
