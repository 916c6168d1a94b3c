"""A table of every kind of column, written by either engine, and read by every reader."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import duckdb

from metriccare.engine.duckdb.hudi_reader import newest_rows
from metriccare.engine.duckdb.hudi_writer import HudiWriter
from metriccare.engine.duckdb.snapshot import TableFiles
from metriccare.local.folder_store import FolderStore
from metriccare.object_store import ObjectStore
from metriccare.query.duckdb.lake_files import FolderFiles
from metriccare.settings import Lake
from metriccare.tables import Column, Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import TENANT, hudi_table
from metriccare.tables.types import duckdb_type

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Row = Mapping[str, Any]
_CODES = "array<struct<system:string,rank:int,words:array<string>,deeper:array<struct<a:string>>>>"

EVERY_TYPE = hudi_table(
    Table(
        layer="gold",
        name="every_type",
        meaning="a column of each kind",
        key=("tenant", "id"),
        columns=(
            TENANT,
            *(
                Column(name, kind, name)
                for name, kind in {
                    "id": "string",
                    "big": "bigint",
                    "small": "int",
                    "share": "double",
                    "flag": "boolean",
                    "day": "date",
                    "at": "timestamp",
                    "amount": "decimal(38,12)",
                    "words": "array<string>",
                    "codes": _CODES,
                }.items()
            ),
        ),
    )
)


def row(id_: str, ordering: int = 1, tenant: str = "a", **more: Any) -> Row:
    """Return a row of EVERY_TYPE; columns not given are null."""
    return {"tenant": tenant, "id": id_, "record_key": id_, "ordering": ordering, **more}


FULL: Row = {
    "big": 2**62,
    "small": -(2**31),
    "share": 0.1,
    "flag": True,
    "day": dt.date(1970, 1, 1),
    "at": dt.datetime.fromisoformat("2024-02-29T23:59:59.999999"),
    "amount": Decimal("-12345678901234567890123456.123456789012"),
    "words": ["x", None, "", "Zoë\n'\"\\"],
    "codes": [{"system": "s", "rank": 1, "words": ["w"], "deeper": [{"a": "b"}, None]}, None],
}


def note(run: str, step: str = "rows") -> CommitNote:
    return CommitNote(run, step)


def session() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute("SET TimeZone = 'UTC'")
    return connection


class NativeTable:
    """A table as the native engine writes and reads it."""

    def __init__(
        self,
        lake: Lake,
        table: Table = EVERY_TYPE,
        store: ObjectStore | None = None,
        check_lease: Callable[[], None] = lambda: None,
        **settings: Any,
    ) -> None:
        self.table, self.session = table, session()
        self.files = TableFiles(store or FolderStore(lake.folder), table)
        self.writer = HudiWriter(self.session, self.files, check_lease, **settings)

    def relation(self, rows: Iterable[Row], marked: bool = False) -> str:
        """Return the name of a relation with the rows; `marked` gives it Hudi's delete marker."""
        columns = {c.name: duckdb_type(c.type) for c in self.table.columns}
        if marked:
            columns["_hoodie_is_deleted"] = "BOOLEAN"
        declared = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
        self.session.execute(f"CREATE OR REPLACE TABLE given ({declared})")
        values = [[each.get(name) for name in columns] for each in rows]
        if values:
            marks = ", ".join("?" for _ in columns)
            self.session.executemany(f"INSERT INTO given VALUES ({marks})", values)
        return "given"

    def insert(self, rows: Iterable[Row], run: str) -> None:
        self.writer.insert(self.relation(rows), note(run))

    def upsert(self, rows: Sequence[Row], run: str) -> None:
        marked = any("_hoodie_is_deleted" in each for each in rows)
        self.writer.upsert(self.relation(rows, marked), note(run))

    def delete(self, rows: Iterable[Row], run: str) -> None:
        self.writer.delete(self.relation(rows), note(run))

    def rows(self, tenants: Sequence[str] | None = None) -> list[Row]:
        select = newest_rows(self.session, self.files, tenants)
        return plain(self.session.sql(select).to_arrow_table().to_pylist(), self.table)


class SparkTable:
    """The same table as Spark writes and reads it."""

    def __init__(self, spark: SparkSession, lake: Lake, table: Table = EVERY_TYPE) -> None:
        self.spark, self.lake, self.table = spark, lake, table

    def _frame(self, rows: Iterable[Row]) -> Any:
        from metriccare.engine.spark.schema import schema_of

        tuples = [
            tuple(_with_zone(each.get(name)) for name in self.table.column_names) for each in rows
        ]
        return self.spark.createDataFrame(tuples, schema_of(self.table))

    def insert(self, rows: Iterable[Row], run: str) -> None:
        from metriccare.engine.spark import hudi_writer

        hudi_writer.append(self._frame(rows), self.lake, self.table, note(run))

    def upsert(self, rows: Sequence[Row], run: str) -> None:
        from pyspark.sql import functions as F  # noqa: N812

        from metriccare.engine.spark import hudi_writer

        if not any("_hoodie_is_deleted" in each for each in rows):
            hudi_writer.write(self._frame(rows), self.lake, self.table, note(run))
            return
        parts = [
            self._frame(
                [each for each in rows if bool(each.get("_hoodie_is_deleted")) == gone]
            ).withColumn("_hoodie_is_deleted", F.expr(f"if(true, {gone}, null)"))
            for gone in (False, True)
        ]
        hudi_writer.replace_changed(
            parts[0].unionByName(parts[1]), self.lake, self.table, note(run)
        )

    def delete(self, rows: Iterable[Row], run: str) -> None:
        from metriccare.engine.spark import hudi_writer

        hudi_writer.remove(self._frame(rows), self.lake, self.table, note(run))

    def rows(self) -> list[Row]:
        import pyarrow as pa

        from metriccare.engine.spark import hudi_reader

        frame = hudi_reader.read(self.spark, self.lake, self.table)
        return plain(pa.Table.from_batches(frame._collect_as_arrow()).to_pylist(), self.table)


def hudi_rs_rows(lake: Lake, table: Table = EVERY_TYPE) -> list[Row]:
    """Return the rows as hudi-rs reads them."""
    import pyarrow as pa
    from hudi import HudiTableBuilder

    opened = HudiTableBuilder.from_base_uri(str(lake.folder / table.path)).build()
    batches = opened.read_snapshot() if hasattr(opened, "read_snapshot") else opened.read()
    rows = pa.Table.from_batches(batches).to_pylist() if batches else []
    return plain(rows, table)


def todays_rows(lake: Lake, table: Table = EVERY_TYPE) -> list[Row]:
    """Return the rows as today's `query` reads them: files of hudi-rs, read by DuckDB."""
    from metriccare.query.duckdb.file_slices import newest_files

    places = list(newest_files(FolderFiles(lake.folder), table))
    if not places:
        return []
    relation = session().read_parquet(places, hive_partitioning=False, union_by_name=True)
    return plain(relation.to_arrow_table().to_pylist(), table)


def plain(rows: Iterable[Row], table: Table) -> list[Row]:
    """Return rows in one form: declared columns, instants in UTC without a zone, sorted."""
    names = table.column_names
    result = [{name: _without_zone(each.get(name)) for name in names} for each in rows]
    return sorted(result, key=lambda each: (each["tenant"], each["record_key"]))


def _without_zone(value: Any) -> Any:
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(dt.UTC).replace(tzinfo=None)
    return value


def _with_zone(value: Any) -> Any:
    return value.replace(tzinfo=dt.UTC) if isinstance(value, dt.datetime) else value


def expected(rows: Iterable[Row], table: Table = EVERY_TYPE) -> list[Row]:
    return plain(rows, table)
