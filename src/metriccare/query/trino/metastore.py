"""A lake's tables and views as Trino's file metastore: JSON files, no metastore server.

The format is that of Trino's FileHiveMetastore. A plain Hive table over a Hudi folder counts old
file versions; these name Hudi's input format, so that the catalog hands them to its Hudi reader.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from metriccare import naming
from metriccare.query.duckdb.file_slices import newest_files
from metriccare.query.duckdb.lake_files import FolderFiles
from metriccare.query.trino.install import VERSION
from metriccare.query.views import SqlFile, view_columns, views
from metriccare.settings import Lake
from metriccare.tables import TABLES, Table
from metriccare.tables.declaration import PARTITION_COLUMN
from metriccare.tables.types import hive_type

CATALOG = "awsdatacatalog"
_FILE = ".trinoSchema"
_HOODIE_COLUMNS = (
    "_hoodie_commit_time",
    "_hoodie_commit_seqno",
    "_hoodie_record_key",
    "_hoodie_partition_path",
    "_hoodie_file_name",
)
_HUDI_FORMAT = {
    "serde": "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe",
    "inputFormat": "org.apache.hudi.hadoop.HoodieParquetInputFormat",
    "outputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat",
}


def write_metastore(lake: Lake, folder: Path, tables: str = "") -> None:
    """Register every table that exists, its partitions and every view, as they are now.

    `tables` is the path of the lake under the folder Trino reads, empty or with a slash at its
    end. Each file is replaced in one move: a running Trino may be reading it.
    """
    for layer in naming.LAYERS:
        _write(folder / f".{layer}{_FILE}", {"writerVersion": VERSION, "parameters": {}})
    for table in TABLES:
        if (lake.folder / table.path / ".hoodie" / "hoodie.properties").is_file():
            _write_table(lake, folder / table.path, table, tables)
    for view in views().values():
        _write(folder / naming.PUBLISH / view.name / _FILE, _view(view))


def _write_table(lake: Lake, folder: Path, table: Table, tables: str) -> None:
    _write(folder / _FILE, _table(table, tables))
    partitions = {Path(file).parent.name for file in newest_files(FolderFiles(lake.folder), table)}
    for partition in partitions:
        _write(folder / partition / _FILE, _partition(table, partition, tables))
    for known in folder.glob(f"{PARTITION_COLUMN}=*"):
        if known.name not in partitions:
            shutil.rmtree(known)


def _table(table: Table, tables: str) -> Mapping[str, Any]:
    return {
        "tableType": "EXTERNAL_TABLE",
        "dataColumns": _data_columns(table),
        "partitionColumns": [_column(PARTITION_COLUMN, "string")],
        "parameters": {"EXTERNAL": "TRUE"},
        **_storage(f"local:///{tables}{table.path}"),
    }


def _partition(table: Table, partition: str, tables: str) -> Mapping[str, Any]:
    return {
        "columns": _data_columns(table),
        "parameters": {},
        **_storage(f"local:///{tables}{table.path}/{partition}"),
    }


def _storage(location: str) -> Mapping[str, Any]:
    return {
        "originalStorageFormat": _HUDI_FORMAT,
        "externalLocation": location,
        "serdeParameters": {},
        "columnStatistics": {},
    }


def _data_columns(table: Table) -> list[Mapping[str, Any]]:
    declared = [c for c in table.columns if c.name != PARTITION_COLUMN]
    return [
        *[_column(name, "string") for name in _HOODIE_COLUMNS],
        *[_column(column.name, hive_type(column.type)) for column in declared],
    ]


def _column(name: str, kind: str) -> Mapping[str, Any]:
    return {"name": name, "type": kind, "properties": {}}


def _view(view: SqlFile) -> Mapping[str, Any]:
    """Return a view as Trino (and Athena) keeps it: its SQL and typed columns in base64."""
    body = {
        "originalSql": view.text,
        "catalog": CATALOG,
        "schema": naming.PUBLISH,
        "columns": [{"name": n, "type": kind} for n, kind in view_columns(view.name).items()],
        "runAsInvoker": True,
    }
    encoded = base64.b64encode(json.dumps(body).encode()).decode()
    return {
        "tableType": "VIRTUAL_VIEW",
        "dataColumns": [_column("dummy", "string")],
        "partitionColumns": [],
        "parameters": {"presto_view": "true", "comment": "Presto View"},
        "viewOriginalText": f"/* Presto View: {encoded} */",
        "viewExpandedText": "/* Presto View */",
        "columnStatistics": {},
        "serdeParameters": {},
    }


def _write(path: Path, document: Mapping[str, Any]) -> None:
    text = json.dumps({"writerVersion": VERSION, **document}, indent=1)
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    whole = path.with_name(path.name + ".new")
    whole.write_text(text, encoding="utf-8")
    whole.replace(path)
