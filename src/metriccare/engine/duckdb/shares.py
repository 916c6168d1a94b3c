"""Divides the new rows of a write into shares: each goes into a small file or a new one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from metriccare.engine.duckdb.incoming import DELETED, INCOMING, LOCATED, only_row
from metriccare.engine.duckdb.quoting import names, text
from metriccare.engine.duckdb.snapshot import DataFile, Snapshot
from metriccare.tables.declaration import PARTITION_COLUMN

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Hudi's own default, hoodie.parquet.max.file.size.
LARGEST_FILE = 120 * 2**20
# The limits of a small file: below 2 MB every file is cheap to rewrite, 100 MB is Hudi's default.
_SMALLEST_LIMIT, _LARGEST_LIMIT = 2 * 2**20, 100 * 2**20
# 1,024 bytes is Hudi's default for a row. Up to 1,000 new rows measuring them takes longer than it
# saves.
_USUAL_ROW_BYTES, _FEW_ROWS = 1024, 1_000
# Greater than any row id.
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
        (up_to,) = only_row(
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
        (written,) = only_row(
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
