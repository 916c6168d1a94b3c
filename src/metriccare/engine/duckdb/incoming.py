"""The rows of one write, checked, and the file that each of them will be in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from metriccare import naming
from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.quoting import identifier, names, text, texts
from metriccare.engine.duckdb.snapshot import DataFile, Snapshot
from metriccare.errors import SchemaMismatch
from metriccare.tables import Column, Table
from metriccare.tables.declaration import DELETE_MARKER, ORDERING, PARTITION_COLUMN, RECORD_KEY
from metriccare.tables.types import duckdb_type

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

INCOMING, LOCATED = "incoming_rows", "located_rows"
DELETED = "row_is_deleted"
# Hudi's own default, hoodie.parquet.max.file.size.
LARGEST_FILE = 120 * 2**20
# The limits of a small file: below 2 MB every file is cheap to rewrite, 100 MB is Hudi's default.
_SMALLEST_LIMIT, _LARGEST_LIMIT = 2 * 2**20, 100 * 2**20
# 1,024 bytes is Hudi's default for a row. Up to 1,000 new rows measuring them takes longer than it
# saves.
_USUAL_ROW_BYTES, _FEW_ROWS = 1024, 1_000
_LAST_ROW = 2**62
_NEW = f"NOT {DELETED} AND rowid NOT IN (SELECT incoming FROM {LOCATED})"


@dataclass(frozen=True)
class Share:
    """New rows of one tenant that go into one file: those with `after` < rowid <= `up_to`.

    `file` is the small file that takes them in; None for a new file.
    """

    partition: str
    file: DataFile | None
    rows: int
    after: int = -1
    up_to: int = _LAST_ROW


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
    bad, unordered, rows, keys = _row(
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


def shares(session: DuckDBPyConnection, snapshot: Snapshot, largest_file: int) -> list[Share]:
    """Return how INCOMING's new rows are divided: small files take some, new files the rest.

    A small file is one below a 64th of the table, 2 to 100 MB. The share limits what a small commit
    to a large table rewrites, and how many small files a table can have.
    """
    counts = session.execute(
        f"SELECT {PARTITION_COLUMN}, count(*) FROM {INCOMING} WHERE {_NEW} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    row_bytes = _row_bytes(session, sum(count for _, count in counts))
    limit = min(max(sum(snapshot.sizes.values()) // 64, _SMALLEST_LIMIT), _LARGEST_LIMIT)
    result: list[Share] = []
    for tenant, count in counts:
        small = [file for file in snapshot.newest_files([tenant]) if file.size < limit]
        room = [(file, (largest_file - file.size) // row_bytes) for file in small]
        each_new = max(1, largest_file // row_bytes)
        result += _bounded(session, tenant, _divided(tenant, count, room, each_new))
    return result


def _divided(
    tenant: str, count: int, room: Sequence[tuple[DataFile, int]], each_new: int
) -> Iterator[Share]:
    partition = f"{PARTITION_COLUMN}={tenant}"
    for file, capacity in room:
        taken = min(count, max(capacity, 0))
        if taken:
            yield Share(partition, file, taken)
        count -= taken
    while count:
        taken = min(count, each_new)
        yield Share(partition, None, taken)
        count -= taken


def _bounded(session: DuckDBPyConnection, tenant: str, divided: Iterator[Share]) -> Iterator[Share]:
    """Give the shares with the row ids where each begins and ends."""
    *first, last = divided
    after, ordinal = -1, 0
    for share in first:
        ordinal += share.rows
        (up_to,) = _row(
            session,
            f"SELECT rowid FROM {INCOMING} WHERE {_NEW} AND {PARTITION_COLUMN} = {text(tenant)}"
            f" ORDER BY rowid LIMIT 1 OFFSET {ordinal - 1}",
        )
        yield Share(share.partition, share.file, share.rows, after, up_to)
        after = up_to
    yield Share(last.partition, last.file, last.rows, after)


def _row_bytes(session: DuckDBPyConnection, rows: int) -> int:
    """Return about how many bytes a new row takes in a file, at least 1.

    A sample of the rows is written to find out: how well they compress is not known otherwise.
    """
    if rows <= _FEW_ROWS:
        return _USUAL_ROW_BYTES
    step = max(1, rows // (_FEW_ROWS + rows // 50))
    with TemporaryDirectory() as folder:
        sample = Path(folder) / "sample.parquet"
        (written,) = _row(
            session,
            f"COPY (SELECT * FROM {INCOMING} WHERE {_NEW} AND rowid % {step} = 0)"
            f" TO {text(str(sample))} (FORMAT parquet, COMPRESSION zstd)",
        )
        size: int = sample.stat().st_size // max(1, written)
        return max(1, size)


def new_rows(share: Share, columns: Sequence[str]) -> str:
    """Return the query for a share's rows, in their order in INCOMING."""
    tenant = share.partition.removeprefix(f"{PARTITION_COLUMN}=")
    return (
        f"SELECT {names(columns)} FROM {INCOMING} WHERE {_NEW}"
        f" AND {PARTITION_COLUMN} = {text(tenant)}"
        f" AND rowid > {share.after} AND rowid <= {share.up_to}"
    )


def replacing_rows(path: str) -> str:
    """Return the query for the rows of INCOMING that replace or remove rows of a file."""
    return (
        f"SELECT i.* FROM {LOCATED} l JOIN {INCOMING} i ON i.rowid = l.incoming"
        f" WHERE l.wins AND l.file = {text(path)}"
    )


def _row(session: DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    row: tuple[Any, ...] | None = session.execute(query).fetchone()
    if row is None:
        raise LookupError("A query that always returns a row returned none.")
    return row
