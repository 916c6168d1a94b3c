"""The engine on Spark: it runs models in their own SQL; Hudi reads and writes the tables."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812

from metriccare.engine.arrow_files import write_rows
from metriccare.engine.functions import check_model
from metriccare.engine.protocol import Changes, Emit, OutcomeT, PartT, Row, StoredCommit, Value
from metriccare.engine.spark import hudi_reader, hudi_writer, table_services, timeline, upkeep
from metriccare.engine.spark.models import run_model, with_plain_sigma
from metriccare.engine.spark.relation import SparkRelation, frame_of, rows_of
from metriccare.engine.spark.resource_frame import parse, with_columns
from metriccare.engine.spark.schema import materialize
from metriccare.engine.spark.tasks import OUTCOME, Outputs, Task, ddl_of, files_task, people_task
from metriccare.engine.spark.writes import write
from metriccare.settings import Lake
from metriccare.sources.fhir.declarations import Resource
from metriccare.tables import Column, Table
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.declaration import PARTITION_COLUMN

_ROWS = "rows"
# 64 MB for each task: large enough that starting it costs little, small enough to spread the work.
_TASK_BYTES = 64 * 2**20
# About what opening a file costs, in bytes that could be read instead.
_PER_PART = 4096


class SparkEngine:
    """Implements `engine.protocol.Engine` on a session; one thread at a time uses it.

    `check_lease` is called before each commit. `materialize` returns a frame computed once.
    """

    def __init__(
        self,
        spark: SparkSession,
        lake: Lake,
        check_lease: Callable[[], None],
        materialize: Callable[[DataFrame], DataFrame] = materialize,
    ) -> None:
        self._spark, self._lake, self._check_lease = spark, lake, check_lease
        self._materialize = materialize

    def read(self, table: Table, tenants: Collection[str] | None = None) -> SparkRelation:
        """Return a table's newest rows."""
        rows = hudi_reader.read(self._spark, self._lake, table)
        if tenants is not None:
            rows = rows.where(F.col(PARTITION_COLUMN).isin(*tenants))
        return SparkRelation(rows)

    def sql(
        self,
        model: str,
        parameters: Mapping[str, Value] | None = None,
        **relations: SparkRelation,
    ) -> SparkRelation:
        """Return a model's rows."""
        frames = {name: relation.frame for name, relation in relations.items()}
        return SparkRelation(run_model(self._spark, model, frames, parameters or {}))

    def rows(self, relation: SparkRelation) -> list[Row]:
        """Return a relation's rows, in order."""
        return rows_of(relation.frame)

    def from_rows(self, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> SparkRelation:
        """Return rows that Python holds as a frame."""
        return SparkRelation(frame_of(self._spark, columns, rows))

    def map_people(
        self,
        relation: SparkRelation,
        function: Callable[[Row], Mapping[str, Iterable[Row]]],
        outputs: Mapping[str, Sequence[Column]],
    ) -> Mapping[str, SparkRelation]:
        """Return what a rule computes from each row, in Spark's tasks."""
        results = self._computed(relation.frame, people_task(function, outputs), outputs)
        _outcomes(results)
        return {name: SparkRelation(_output(results, name)) for name in outputs}

    def parse(self, rows: SparkRelation, resource: Resource) -> SparkRelation:
        """Return bronze rows as silver columns; Spark's JSON parser marks misshapen ones."""
        return SparkRelation(with_columns(parse(rows.frame, resource), resource))

    def read_files(
        self,
        parts: Sequence[PartT],
        function: Callable[[PartT, Emit], OutcomeT],
        columns: Sequence[Column],
    ) -> tuple[SparkRelation, Sequence[OutcomeT]]:
        """Return the rows a function reads from each part, in Spark's tasks."""
        if not parts:
            return self.from_rows(columns, []), []
        shares = _shares(parts, self._spark.sparkContext.defaultParallelism)
        outputs = {_ROWS: columns}
        numbers = self._spark.range(0, len(shares), 1, len(shares))
        read = self._computed(numbers, files_task(shares, function, outputs), outputs)
        outcomes: dict[int, OutcomeT] = dict(_outcomes(read))
        relation = SparkRelation(_output(read, _ROWS), materialized=read)
        return relation, [outcomes[position] for position in range(len(parts))]

    def materialize(self, relation: SparkRelation) -> SparkRelation:
        """Return the relation computed, without its plan."""
        frame = self._materialize(relation.frame)
        return SparkRelation(frame, materialized=frame)

    def measure(self, relation: SparkRelation, sums: Mapping[str, str]) -> Row:
        """Return aggregates, computed in one pass."""
        for expression in sums.values():
            check_model(f"SELECT {expression} AS x")
        items = [f"{with_plain_sigma(text)} as `{name}`" for name, text in sums.items()]
        return rows_of(relation.frame.selectExpr(*items))[0]

    def write_parquet(self, relation: SparkRelation, columns: Sequence[Column], file: Path) -> int:
        """Write the rows in the driver: a published mart is small."""
        rows = rows_of(relation.frame)
        write_rows(columns, rows, file)
        return len(rows)

    def release(self, relation: SparkRelation) -> None:
        """Free a relation's memory."""
        relation.release()

    def commits(self, table: Table) -> Sequence[Mapping[str, str]]:
        """Return the metadata of the newest commits, newest first."""
        return list(timeline.notes(self._spark, self._lake, table))

    def misfiled(self, table: Table) -> SparkRelation:
        """Return rows that are filed under another row's key."""
        return SparkRelation(hudi_reader.misfiled(self._spark, self._lake, table))

    def create(self, table: Table, note: CommitNote) -> None:
        """Create a table."""
        self._check_lease()
        hudi_writer.create(self._spark, self._lake, table, note)

    def commit(self, changes: Changes[SparkRelation], note: CommitNote) -> None:
        """Write changes with Hudi."""
        self._check_lease()
        write(changes.rows.frame, self._lake, changes.table, changes.operation, note)

    def history(self, table: Table) -> Sequence[StoredCommit]:
        """Return the commits in the timeline, newest first."""
        return upkeep.history(self._spark, self._lake, table)

    def can_roll_back(self, commits: Sequence[StoredCommit]) -> bool:
        """Return True if the files from before the commits still exist."""
        return upkeep.can_roll_back(self._spark, self._lake, commits)

    def roll_back(self, commit: StoredCommit) -> None:
        """Remove a table's newest commit and the files it wrote."""
        self._check_lease()
        upkeep.roll_back(self._spark, self._lake, commit)

    def remove_old_files(self, table: Table) -> int:
        """Delete files that newer versions replace, and those that killed writers left."""
        self._check_lease()
        if not hudi_reader.exists(self._spark, self._lake, table):
            return 0
        return table_services.remove_old_files(self._spark, self._lake, table)

    @contextmanager
    def workbench(self, folder: str, tables: Collection[Table]) -> Iterator[SparkEngine]:
        """Give an engine over the same session with some tables in a folder."""
        with upkeep.workbench(self._spark, self._lake, folder, tables) as lake:
            yield SparkEngine(self._spark, lake, self._check_lease, self._materialize)

    def _computed(self, frame: DataFrame, task: Task, outputs: Outputs) -> DataFrame:
        return self._materialize(frame.mapInArrow(task, ddl_of(outputs)))


def _outcomes(results: DataFrame) -> list[Any]:
    """Return what the functions returned at their end; an error of one is raised."""
    rows = results.where(F.col(OUTCOME).isNotNull()).select(OUTCOME).collect()
    outcomes = [pickle.loads(row[0]) for row in rows]  # noqa: S301 - pickled by our own tasks
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return outcomes


def _output(results: DataFrame, name: str) -> DataFrame:
    return results.where(F.col(name).isNotNull()).select(f"{name}.*")


def _shares(parts: Sequence[PartT], width: int) -> list[list[tuple[int, PartT]]]:
    """Return parts, with their positions, spread over tasks: in order, about equal in bytes."""
    sizes = [part.size + _PER_PART for part in parts]
    total = sum(sizes)
    count = min(len(parts), max(width, -(-total // _TASK_BYTES)))
    shares: list[list[tuple[int, PartT]]] = [[] for _ in range(count)]
    done = 0
    for position, part in enumerate(parts):
        shares[done * count // total].append((position, part))
        done += sizes[position]
    return [share for share in shares if share]
