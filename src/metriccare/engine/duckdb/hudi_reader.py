"""The newest rows of a Hudi table as a query over its newest files."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from metriccare.engine.duckdb.quoting import identifier, texts
from metriccare.engine.duckdb.snapshot import TableFiles
from metriccare.errors import DamagedTable
from metriccare.tables import Table
from metriccare.tables.declaration import RECORD_KEY
from metriccare.tables.types import duckdb_cast

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# The column in which Hudi keeps the key a row is filed under.
FILED_KEY = "_hoodie_record_key"


def newest_rows(
    session: DuckDBPyConnection, files: TableFiles, tenants: Collection[str] | None = None
) -> str:
    """Return the SELECT of a table's newest rows, of some tenants or of all, declared columns only.

    A table without a commit has no rows; a column that an old file does not have is null. Raises
    UnsupportedTable for a table of another form, DamagedTable if a file is missing or cut.
    """
    source = _source(files, tenants)
    if source is None:
        return _select(files.table, {}, " WHERE false")
    stored = {name: identifier(name) for name in _columns(session, files.table, source)}
    return _select(files.table, stored, f" FROM {source}")


def misfiled_rows(session: DuckDBPyConnection, files: TableFiles) -> str:
    """Return the SELECT of rows whose own key is not the one Hudi filed them under, with that key.

    A commit that left rows out shifted the columns of later rows. Such a row has its first columns,
    Hudi's key among them, from one row, and its last ones, its own key among them, from another.
    """
    source, key = _source(files, None), identifier(RECORD_KEY.name)
    if source is None:
        return _select(files.table, {}, " WHERE false")
    stored = {name: identifier(name) for name in _columns(session, files.table, source)}
    filed = {**stored, RECORD_KEY.name: FILED_KEY}
    return _select(files.table, filed, f" FROM {source} WHERE {key} IS DISTINCT FROM {FILED_KEY}")


def _source(files: TableFiles, tenants: Collection[str] | None) -> str | None:
    newest = files.snapshot().newest_files(tenants)
    local_files = [str(files.store.local_file(files.path(file.path))) for file in newest]
    if not local_files:
        return None
    return f"read_parquet({texts(local_files)}, union_by_name = true, hive_partitioning = false)"


def _columns(session: DuckDBPyConnection, table: Table, source: str) -> frozenset[str]:
    import duckdb  # imported late: it takes 0.2 s

    try:
        described = session.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except duckdb.Error as error:
        raise DamagedTable(
            f"{table.full_name} cannot be read; one of its files is probably incomplete:"
            f" {str(error).splitlines()[0]} Restore the file from a backup."
        ) from error
    return frozenset(row[0] for row in described)


def _select(table: Table, stored: Mapping[str, str], rest: str) -> str:
    """Return the SELECT of the declared columns, each as the expression in `stored`, else null."""
    items = [duckdb_cast(column, stored.get(column.name, "NULL")) for column in table.columns]
    return f"SELECT {', '.join(items)}{rest}"
