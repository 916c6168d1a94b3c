"""The form of a Hudi table on disk: its properties, and its schema as Avro.

Both are exactly what Spark 3.5.4 with Hudi 0.15.0 writes for a declared table: with other names in
the Avro schema Hudi refuses Spark's next upsert.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlglot import exp

from metriccare.engine.duckdb.quoting import text
from metriccare.errors import SchemaMismatch, UnsupportedTable
from metriccare.tables import Column, Table
from metriccare.tables.declaration import ORDERING, PARTITION_COLUMN, RECORD_KEY

PROPERTIES_FILE = ".hoodie/hoodie.properties"
PARTITION_FILE = ".hoodie_partition_metadata"
# Hudi's own columns, before the table's.
META_COLUMNS = (
    "_hoodie_commit_time",
    "_hoodie_commit_seqno",
    "_hoodie_record_key",
    "_hoodie_partition_path",
    "_hoodie_file_name",
)
_METADATA_PARTITIONS = "hoodie.table.metadata.partitions"
# The required value of each property, and the value that a missing property means.
_REQUIRED: Mapping[str, tuple[str, str]] = {
    "hoodie.table.version": ("6", "0"),
    "hoodie.timeline.layout.version": ("1", "0"),
    "hoodie.table.type": ("COPY_ON_WRITE", "COPY_ON_WRITE"),
    "hoodie.table.keygenerator.class": ("org.apache.hudi.keygen.SimpleKeyGenerator", "none"),
    "hoodie.table.recordkey.fields": (RECORD_KEY.name, "none"),
    "hoodie.table.partition.fields": (PARTITION_COLUMN, "none"),
    "hoodie.table.precombine.field": (ORDERING.name, "none"),
    "hoodie.datasource.write.hive_style_partitioning": ("true", "false"),
    "hoodie.datasource.write.partitionpath.urlencode": ("false", "false"),
    "hoodie.datasource.write.drop.partition.columns": ("false", "false"),
    "hoodie.partition.metafile.use.base.format": ("false", "false"),
    "hoodie.populate.meta.fields": ("true", "true"),
    "hoodie.table.base.file.format": ("PARQUET", "PARQUET"),
    "hoodie.table.timeline.timezone": ("UTC", "LOCAL"),
    "hoodie.table.cdc.enabled": ("false", "false"),
}
_NEW_TABLE: Mapping[str, str] = {"hoodie.archivelog.folder": "archived", "hoodie.database.name": ""}
_PLAIN: Mapping[exp.DType, str] = {
    exp.DType.TEXT: "string",
    exp.DType.BIGINT: "long",
    exp.DType.INT: "int",
    exp.DType.BOOLEAN: "boolean",
    exp.DType.DOUBLE: "double",
}
_LOGICAL: Mapping[exp.DType, tuple[str, str]] = {
    exp.DType.DATE: ("int", "date"),
    exp.DType.TIMESTAMPNTZ: ("long", "timestamp-micros"),
}
# DuckDB writes decimals of 19 digits and more in 16 bytes; Spark does from 36 digits on.
_SIXTEEN_BYTES = range(36, 39)


def new_properties(table: Table) -> bytes:
    """Return the properties file of a new table."""
    required = {name: value for name, (value, _) in _REQUIRED.items()}
    lines = {**required, **_NEW_TABLE, "hoodie.table.name": table.name}
    return "".join(f"{name}={value}\n" for name, value in lines.items()).encode()


def check_properties(table: Table, content: bytes) -> None:
    """Raise UnsupportedTable unless the table has the one form that is read and written here."""
    properties = _parsed(content)
    if _is_newer(properties.get("hoodie.table.version", "0")):
        raise UnsupportedTable(
            f"{table.full_name} was written by a newer Hudi (table version"
            f" {properties['hoodie.table.version']}; this version reads 6). Upgrade MetricCare."
        )
    if properties.get(_METADATA_PARTITIONS):
        raise UnsupportedTable(
            f"{table.full_name} has a Hudi metadata table, which this engine would not keep up to"
            " date. Delete it with Hudi's command line, or use the Spark engine."
        )
    required = {**_REQUIRED, "hoodie.table.name": (table.name, "none")}
    for name, (needed, default) in required.items():
        value = properties.get(name, default)
        if value != needed:
            raise UnsupportedTable(
                f"{table.full_name} is a Hudi table of another form: {name} is {value}, wanted"
                f" {needed}. Was it written by another tool?"
            )


def _parsed(content: bytes) -> dict[str, str]:
    lines = content.decode("utf-8", "replace").splitlines()
    pairs = (line.partition("=") for line in lines if not line.startswith("#"))
    # Java escapes colons and equal signs in values.
    return {name.strip(): value.strip().replace("\\", "") for name, _, value in pairs}


def _is_newer(version: str) -> bool:
    return version.isdigit() and int(version) > 6


@cache
def avro_schema(table: Table) -> str:
    """Return the table's Avro schema as JSON, every column nullable.

    Raises SchemaMismatch for a type that the engines do not write alike.
    """
    space = f"hoodie.{table.name}.{table.name}_record"
    fields = [_field(column.name, _type_of(column), space) for column in table.columns]
    record = {"type": "record", "name": f"{table.name}_record", "namespace": f"hoodie.{table.name}"}
    return json.dumps({**record, "fields": fields}, separators=(",", ":"))


def footer(schema: str) -> str:
    """Return the pairs of a data file's footer as a DuckDB struct."""
    pairs = {
        # Hudi reads the file by this schema when it merges rows into it.
        "parquet.avro.schema": schema,
        # Without it Spark reads dates before 1582 and instants before 1900 as Julian ones.
        "org.apache.spark.version": "3.5.4",
    }
    return "{" + ", ".join(f"{text(name)}: {text(value)}" for name, value in pairs.items()) + "}"


def _type_of(column: Column) -> exp.DataType:
    return exp.DataType.build(column.type.replace("timestamp", "timestamp_ntz"), dialect="spark")


def _field(name: str, type_: exp.DataType, space: str) -> dict[str, Any]:
    return {"name": name, "type": ["null", _avro(type_, name, space)], "default": None}


def _avro(type_: exp.DataType, name: str, space: str) -> Any:
    base = type_.this
    if base == exp.DType.STRUCT:
        inner = f"{space}.{name}"
        fields = [_field(part.name, part.args["kind"], inner) for part in type_.expressions]
        return {"type": "record", "name": name, "namespace": space, "fields": fields}
    if base == exp.DType.ARRAY:
        return {"type": "array", "items": ["null", _avro(type_.expressions[0], name, space)]}
    if base == exp.DType.DECIMAL:
        return _decimal(type_, f"{space}.{name}")
    if base in _LOGICAL:
        stored, logical = _LOGICAL[base]
        return {"type": stored, "logicalType": logical}
    if base not in _PLAIN:
        raise SchemaMismatch(f"Column {name} has type {type_.sql('spark')}, which is not written.")
    return _PLAIN[base]


def _decimal(type_: exp.DataType, space: str) -> dict[str, Any]:
    precision, scale = (int(part.name) for part in type_.expressions)
    if precision not in _SIXTEEN_BYTES:
        raise SchemaMismatch(
            f"decimal({precision},{scale}) is stored differently by the two engines; declare"
            f" decimal(38,{scale})."
        )
    fixed = {"type": "fixed", "name": "fixed", "namespace": space, "size": 16}
    return {**fixed, "logicalType": "decimal", "precision": precision, "scale": scale}
