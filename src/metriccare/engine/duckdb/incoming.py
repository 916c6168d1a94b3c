"""The rows of one write, checked, and the stored rows that they replace or remove."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from metriccare import naming
from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.quoting import identifier, text, texts
from metriccare.engine.duckdb.snapshot import DataFile
from metriccare.errors import SchemaMismatch
from metriccare.tables import Column, Table
from metriccare.tables.declaration import DELETE_MARKER, ORDERING, PARTITION_COLUMN, RECORD_KEY
from metriccare.tables.types import duckdb_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INCOMING, LOCATED = "incoming_rows", "located_rows"
DELETED = "row_is_deleted"


@dataclass(frozen=True)
class Hits:
    """How many rows of a file are replaced and how many are removed."""

    updated: int
    deleted: int


@contextmanager
def incoming(
    session: DuckDBPyConnection, rows: str, table: Table, *, all_deleted: bool
) -> Iterator[None]:
    """Create the table INCOMING for the block: a relation's rows, with a column DELETED.

    With `all_deleted` the relation needs tenant and record key only. Raises SchemaMismatch if a
    column is missing or has another type, or a key is missing or there twice.
    """
    actual = _types(session, f"SELECT * FROM {rows}")
    key = [table.column(name) for name in (PARTITION_COLUMN, RECORD_KEY.name)]
    _check_types(session, actual, table, key if all_deleted else table.columns)
    given = {column.name for column in key} if all_deleted else set(table.column_names)
    select = ", ".join(
        (identifier(c.name) if c.name in given else f"CAST(NULL AS {duckdb_type(c.type)})")
        + f" AS {identifier(c.name)}"
        for c in table.columns
    )
    marked = f"coalesce({DELETE_MARKER.name}, false)" if DELETE_MARKER.name in actual else "false"
    gone = "true" if all_deleted else marked
    with sanitized(f"Computing rows of {table.full_name}"):
        session.execute(
            f"CREATE OR REPLACE TEMP TABLE {INCOMING} AS"
            f" SELECT {select}, {gone} AS {DELETED} FROM {rows}"
        )
    try:
        _check_keys(session, table)
        yield
    finally:
        session.execute(f"DROP TABLE IF EXISTS {INCOMING}; DROP TABLE IF EXISTS {LOCATED}")


def _check_types(
    session: DuckDBPyConnection, actual: Mapping[str, str], table: Table, columns: Sequence[Column]
) -> None:
    casts = ", ".join(
        f"CAST(NULL AS {duckdb_type(c.type)}) AS {identifier(c.name)}" for c in columns
    )
    declared = _types(session, f"SELECT {casts}")
    wrong = [
        f"{name}: wanted {type_}, found {actual.get(name, 'nothing')}"
        for name, type_ in declared.items()
        if actual.get(name) != type_
    ]
    if wrong:
        raise SchemaMismatch(f"{table.full_name} does not fit its declaration: {'; '.join(wrong)}")


def _types(session: DuckDBPyConnection, select: str) -> dict[str, str]:
    return {row[0]: row[1] for row in session.execute(f"DESCRIBE {select}").fetchall()}


def _check_keys(session: DuckDBPyConnection, table: Table) -> None:
    tenant, key = PARTITION_COLUMN, RECORD_KEY.name
    valid = f"regexp_full_match({tenant}, {text(naming.TENANT_NAME.pattern)})"
    bad, unordered, rows, keys = only_row(
        session,
        f"SELECT count_if(coalesce({key}, '') = '' OR NOT coalesce({valid}, false)),"
        f" count_if({ORDERING.name} IS NULL AND NOT {DELETED}), count(*),"
        f" count(DISTINCT ({tenant}, {key})) FROM {INCOMING}",
    )
    faults = {"no key or no tenant": bad, "no ordering": unordered, "a key twice": rows - keys}
    for fault, count in faults.items():
        if count:
            raise SchemaMismatch(
                f"{table.full_name}: {count} of {rows} rows to write have {fault}."
            )


def tenants(session: DuckDBPyConnection) -> list[str]:
    """Return the tenants of INCOMING's rows."""
    select = f"SELECT DISTINCT {PARTITION_COLUMN} FROM {INCOMING} ORDER BY 1"
    return [row[0] for row in session.execute(select).fetchall()]


def locate(
    session: DuckDBPyConnection, files: Mapping[str, DataFile], *, always: bool
) -> dict[DataFile, Hits]:
    """Create the table LOCATED: the rows of INCOMING whose keys are in files; return those files.

    `files` are by their path on this machine. The greater ordering wins, and of equal ones the
    later write; with `always` the incoming row wins. A row that loses is not written.
    """
    session.execute(
        f"CREATE OR REPLACE TEMP TABLE {LOCATED}"
        f" (incoming BIGINT, file VARCHAR, wins BOOLEAN, {DELETED} BOOLEAN)"
    )
    if not files:
        return {}
    wins = "true" if always else f"coalesce(i.{ORDERING.name} >= f.{ORDERING.name}, true)"
    session.execute(
        f"INSERT INTO {LOCATED} SELECT i.rowid, f.filename, {wins}, i.{DELETED} FROM {INCOMING} i"
        f" JOIN read_parquet({texts(files)}, filename = true, hive_partitioning = false) f"
        f" ON f._hoodie_record_key = i.{RECORD_KEY.name}"
        f" AND f._hoodie_partition_path = '{PARTITION_COLUMN}=' || i.{PARTITION_COLUMN}"
    )
    counted = session.execute(
        f"SELECT file, count_if(NOT {DELETED}), count_if({DELETED}) FROM {LOCATED} WHERE wins"
        " GROUP BY file ORDER BY file"
    )
    return {files[path]: Hits(updated, deleted) for path, updated, deleted in counted.fetchall()}


def replacing_rows(path: str) -> str:
    """Return the query for the rows of INCOMING that replace or remove rows of a file."""
    return (
        f"SELECT i.* FROM {LOCATED} l JOIN {INCOMING} i ON i.rowid = l.incoming"
        f" WHERE l.wins AND l.file = {text(path)}"
    )


def only_row(session: DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    """Return the row of a query that returns exactly one."""
    row: tuple[Any, ...] | None = session.execute(query).fetchone()
    if row is None:
        raise LookupError("A query that always returns a row returned none.")
    return row
