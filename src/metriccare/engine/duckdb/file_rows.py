"""The query for the rows of one data file: rows kept, rows replaced, then new rows."""

from __future__ import annotations

from dataclasses import dataclass

from metriccare.engine.duckdb import incoming
from metriccare.engine.duckdb.incoming import Hits
from metriccare.engine.duckdb.quoting import identifier, text
from metriccare.engine.duckdb.shares import Share, new_rows
from metriccare.engine.duckdb.snapshot import DataFile
from metriccare.engine.duckdb.table_format import META_COLUMNS
from metriccare.tables import Table
from metriccare.tables.declaration import DELETE_MARKER, RECORD_KEY
from metriccare.tables.types import duckdb_type

_TIME, _SEQUENCE, _KEY, _PARTITION, _FILE = META_COLUMNS


@dataclass(frozen=True)
class FileTask:
    """One file to write: the version it replaces, the rows changed in it, the new rows it takes."""

    partition: str
    previous: DataFile | None
    hits: Hits
    share: Share | None = None


@dataclass(frozen=True)
class StoredFile:
    """A file version on this machine, and the columns it has."""

    location: str
    columns: frozenset[str]


def rows_of(file: DataFile, task: FileTask, table: Table, stored: StoredFile | None) -> str:
    """Return the query for a file's rows: kept and replaced ones in their order, then new ones."""
    parts = []
    if stored:
        parts.append(f"({_kept_and_replaced(stored, table)})")
    if task.share:
        new = new_rows(task.share, _declared(table))
        marker = f", false AS {DELETE_MARKER.name}" if DELETE_MARKER in table.columns else ""
        parts.append(f"SELECT NULL AS {_TIME}, NULL AS {_SEQUENCE}, *{marker} FROM ({new})")
    number = file.name.split("_")[1].partition("-")[0]
    sequence = f"'{file.instant}_{number}_' || (row_number() OVER () - 1)"
    columns = ", ".join(
        f"CAST({identifier(c.name)} AS {_stored_type(c.type)}) AS {identifier(c.name)}"
        for c in table.columns
    )
    return (
        f"SELECT coalesce({_TIME}, '{file.instant}') AS {_TIME},"
        f" coalesce({_SEQUENCE}, {sequence}) AS {_SEQUENCE}, {RECORD_KEY.name} AS {_KEY},"
        f" {text(file.partition)} AS {_PARTITION}, {text(file.name)} AS {_FILE}, {columns}"
        f" FROM ({' UNION ALL '.join(parts)})"
    )


def _kept_and_replaced(stored: StoredFile, table: Table) -> str:
    """Return the query for a stored file's rows, each replaced by the incoming row of its key."""
    is_new = f"n.{RECORD_KEY.name} IS NOT NULL"
    columns = []
    for column in table.columns:
        name, type_ = identifier(column.name), duckdb_type(column.type)
        value = f"o.{name}" if column.name in stored.columns else "NULL"
        old = f"CAST({value} AS {type_})"
        new = "false" if column == DELETE_MARKER else f"n.{name}"
        columns.append(f"CASE WHEN {is_new} THEN {new} ELSE {old} END AS {name}")
    kept = ", ".join(
        f"CASE WHEN {is_new} THEN NULL ELSE o.{name} END AS {name}" for name in (_TIME, _SEQUENCE)
    )
    return (
        f"SELECT {kept}, {', '.join(columns)}"
        f" FROM read_parquet({text(stored.location)}, hive_partitioning = false,"
        " file_row_number = true) o"
        f" LEFT JOIN ({incoming.replacing_rows(stored.location)}) n"
        f" ON n.{RECORD_KEY.name} = o.{_KEY}"
        # A join returns those rows of a batch first that have a partner.
        f" WHERE NOT coalesce(n.{incoming.DELETED}, false) ORDER BY o.file_row_number"
    )


def _declared(table: Table) -> list[str]:
    return [c.name for c in table.columns if c != DELETE_MARKER]


def _stored_type(spark_type: str) -> str:
    """Return the type for DuckDB's Parquet writer: Spark's timestamps are instants in UTC."""
    return duckdb_type(spark_type).replace("TIMESTAMP", "TIMESTAMPTZ")
