"""Time the native Hudi writer: what a commit costs by itself, and with rows.

`python -m benchmarks.native_writer --rows 100000 [--spark]`. Seconds by the clock and of the
processor (this process and its children), and the bytes of the newest files; with `--spark` the
same writes by Spark into a table of its own, after one write to warm its session up.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

from metriccare.engine.duckdb.engine import DuckDbEngine
from metriccare.engine.protocol import Changes, Operation
from metriccare.local.folder_store import FolderStore
from metriccare.settings import Lake
from metriccare.tables import BY_NAME, Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.types import duckdb_type

TABLE = BY_NAME["gold.stay"]
_REPEAT = 5


def rows_sql(table: Table, first: int, count: int, ordering: int) -> str:
    """Return made-up rows: texts and days that differ from row to row, everything else null."""
    values = {
        "tenant": "'default'",
        "record_key": "'default|stay-' || i",
        "ordering": str(ordering),
        "person_id": "md5(CAST(i // 3 AS VARCHAR))",
        "stay_id": "md5(CAST(i AS VARCHAR))",
        "hospital_id": "'hospital-' || (i % 40)",
        "encounter_ids": "['e' || i, 'f' || i]",
        "admit_at": "TIMESTAMP '2020-01-01' + to_minutes(i * 13)",
        "admit_date": "DATE '2020-01-01' + CAST(i % 1500 AS INTEGER)",
        "los_days": f"CAST((i + {ordering}) % 30 AS INTEGER)",
        "source_file": "'file-' || (i // 1000)",
        "source_line": "i",
    }
    items = ", ".join(
        f'CAST({values.get(c.name, "NULL")} AS {duckdb_type(c.type)}) AS "{c.name}"'
        for c in table.columns
    )
    return f"SELECT {items} FROM range({first}, {first + count}) r(i)"


def timed(what: Callable[[], None]) -> tuple[float, float]:
    """Return seconds by the clock and of the processor."""
    before, clock = os.times(), time.perf_counter()
    what()
    after = os.times()
    return time.perf_counter() - clock, after.user + after.system - before.user - before.system


def report(name: str, took: list[tuple[float, float]], table: Path) -> None:
    newest = max(table.glob("tenant=*/*.parquet"), key=lambda f: f.stat().st_mtime, default=None)
    clock, processor = (statistics.median(column) for column in zip(*took, strict=True))
    size = newest.stat().st_size if newest else 0
    print(f"{name:44} {clock:8.3f} {processor:8.3f} {size:12,}", flush=True)


class Native:
    name = "native"

    def __init__(self, folder: Path) -> None:
        self.engine = DuckDbEngine(FolderStore(folder), lambda: None)

    def create(self, table: Table, run: str) -> None:
        self.engine.create(table, CommitNote(run, "create"))

    def write(self, sql: str, operation: Operation, run: str) -> None:
        relation = self.engine._view(sql)
        self.engine.commit(Changes(TABLE, relation, operation), CommitNote(run, "rows"))

    def read(self) -> None:
        self.engine.measure(self.engine.read(TABLE), {"n": "count(*)", "days": "sum(los_days)"})


class BySpark:
    name = "Spark"

    def __init__(self, folder: Path) -> None:
        from metriccare.engine.spark.session import local_session

        self.spark, self.lake = local_session(), Lake(str(folder))

    def create(self, table: Table, run: str) -> None:
        from metriccare.engine.spark import hudi_writer

        hudi_writer.create(self.spark, self.lake, table, CommitNote(run, "create"))

    def write(self, sql: str, operation: Operation, run: str) -> None:
        from metriccare.engine.spark import hudi_writer
        from metriccare.engine.spark.schema import schema_of

        with tempfile.NamedTemporaryFile(suffix=".parquet") as file:
            session = duckdb.connect()
            session.execute("SET TimeZone = 'UTC'")
            session.execute(f"COPY ({sql}) TO '{file.name}' (FORMAT parquet)")
            frame = self.spark.read.schema(schema_of(TABLE)).parquet(file.name)
            write = {Operation.INSERT: hudi_writer.append, Operation.UPSERT: hudi_writer.write}.get(
                operation, hudi_writer.remove
            )
            write(frame, self.lake, TABLE, CommitNote(run, "rows"))

    def read(self) -> None:
        from metriccare.engine.spark import hudi_reader

        hudi_reader.read(self.spark, self.lake, TABLE).selectExpr(
            "count(*)", "sum(los_days)"
        ).collect()


def run(engine: Native | BySpark, folder: Path, rows: int) -> None:
    """Print the figures of one engine."""
    print(f"\n{engine.name}, {rows:,} rows\n{'':44} {'seconds':>8} {'proc. s':>8} {'bytes':>12}")
    place = folder / TABLE.path
    others = [t for t in BY_NAME.values() if t != TABLE]
    report(
        "a table created",
        [timed(lambda t=t: engine.create(t, "run-0")) for t in others[:_REPEAT]],
        place,
    )
    first = rows_sql(TABLE, 0, rows, 1)
    report("first load", [timed(lambda: engine.write(first, Operation.INSERT, "first"))], place)
    for name, count in (("1 row", 1), ("1,000 rows", 1_000)):
        took = [
            timed(
                lambda n=n, count=count: engine.write(
                    rows_sql(TABLE, 7 * n, count, 2 + n), Operation.UPSERT, f"{count}-{n}"
                )
            )
            for n in range(_REPEAT)
        ]
        report(f"upsert of {name}", took, place)
    gone = rows_sql(TABLE, 0, 1_000, 1)
    report(
        "delete of 1,000 rows", [timed(lambda: engine.write(gone, Operation.DELETE, "d"))], place
    )
    report("read: count and sum", [timed(engine.read) for _ in range(_REPEAT)], place)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--spark", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run(Native(Path(folder) / "native"), Path(folder) / "native", arguments.rows)
        if arguments.spark:
            warm = BySpark(Path(folder) / "warm")
            warm.write(rows_sql(TABLE, 0, 1, 1), Operation.INSERT, "warm")
            run(BySpark(Path(folder) / "spark"), Path(folder) / "spark", arguments.rows)


if __name__ == "__main__":
    main()
