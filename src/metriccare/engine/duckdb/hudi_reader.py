"""The newest rows of a Hudi table as a query over its newest files."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from metriccare.engine.duckdb.quoting import identifier, texts
from metriccare.engine.duckdb.snapshot import TableFiles
from metriccare.errors import DamagedTable
from metriccare.tables import Table
from metriccare.tables.types import duckdb_cast

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def newest_rows(
    session: DuckDBPyConnection, files: TableFiles, tenants: Collection[str] | None = None
) -> str:
    """Return the SELECT of a table's newest rows, of some tenants or of all, declared columns only.

    A table without a commit has no rows; a column that an old file does not have is null. Raises
    UnsupportedTable for a table of another form, DamagedTable if a file is missing or cut.
    """
    snapshot = files.snapshot()
    newest = snapshot.newest_files(tenants)
    places = [str(files.store.local_file(files.path(file.path))) for file in newest]
    if not places:
        return _select(files.table, frozenset(), "")
    source = f"read_parquet({texts(places)}, union_by_name = true, hive_partitioning = false)"
    return _select(files.table, _columns(session, files.table, source), f" FROM {source}")


def _columns(session: DuckDBPyConnection, table: Table, source: str) -> frozenset[str]:
    import duckdb  # a fifth of a second

    try:
        described = session.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()
    except duckdb.Error as error:
        raise DamagedTable(
            f"{table.full_name} cannot be read, a file of it is probably cut:"
            f" {str(error).splitlines()[0]} Restore it from a backup."
        ) from error
    return frozenset(row[0] for row in described)


def _select(table: Table, stored: frozenset[str], source: str) -> str:
    items = [
        duckdb_cast(column, identifier(column.name) if column.name in stored else "NULL")
        for column in table.columns
    ]
    return f"SELECT {', '.join(items)}{source}{'' if source else ' WHERE false'}"
