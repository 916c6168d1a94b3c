"""Python functions in Spark's tasks: rows of several outputs, and each function's outcome.

What a function returns or raises is one more row, in the column OUTCOME. So a task that Spark
repeats counts once, and an error arrives unchanged.
"""

from __future__ import annotations

import pickle
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from queue import Queue
from threading import Thread
from typing import TYPE_CHECKING, Any

from metriccare.engine.arrow_types import arrow_type, batch_of, without_zones
from metriccare.engine.protocol import Emit, OutcomeT, PartT, Row
from metriccare.engine.spark.relation import ZONE
from metriccare.tables import Column

if TYPE_CHECKING:
    import pyarrow as pa

OUTCOME = "function_outcome"
# 200 persons at a time, each with all their rows: about a megabyte. 4 batches wait for Spark, so
# that the function does not wait for it.
_PEOPLE, _WAITING = 200, 4

Outputs = Mapping[str, Sequence[Column]]
Batches = Iterator["pa.RecordBatch"]
Task = Callable[[Iterable["pa.RecordBatch"]], Batches]


def ddl_of(outputs: Outputs) -> str:
    """Return the schema of a task's rows: a struct for each output, one of them not null."""
    structs = [
        f"`{name}` struct<{', '.join(f'`{c.name}`: {c.type}' for c in columns)}>"
        for name, columns in outputs.items()
    ]
    return ", ".join((*structs, f"`{OUTCOME}` binary"))


def people_task(function: Callable[[Row], Mapping[str, Iterable[Row]]], outputs: Outputs) -> Task:
    """Return the task that maps people by a rule."""

    def run(batches: Iterable[pa.RecordBatch]) -> Batches:
        try:
            for batch in batches:
                for start in range(0, batch.num_rows, _PEOPLE):
                    people = without_zones(batch.slice(start, _PEOPLE)).to_pylist()
                    yield from _rule_outputs(people, function, outputs)
        except Exception as error:
            yield _outcome_batch(outputs, _picklable(error))

    return run


def _rule_outputs(
    people: Iterable[Row],
    function: Callable[[Row], Mapping[str, Iterable[Row]]],
    outputs: Outputs,
) -> Batches:
    computed: dict[str, list[Row]] = {name: [] for name in outputs}
    for person in people:
        for name, rows in function(person).items():
            computed[name].extend(rows)
    for name, rows in computed.items():
        if rows:
            values = {c.name: [row.get(c.name) for row in rows] for c in outputs[name]}
            yield _batch(outputs, name, values)


def files_task(
    shares: Sequence[Sequence[tuple[int, PartT]]],
    function: Callable[[PartT, Emit], OutcomeT],
    outputs: Outputs,
) -> Task:
    """Return the task that reads parts of files; a row of its input is the number of a share."""

    def run(batches: Iterable[pa.RecordBatch]) -> Batches:
        try:
            for batch in batches:
                for share in batch.column(0).to_pylist():
                    for position, part in shares[share]:
                        emitted = _EmittedBatches(function, part)
                        for values in emitted:
                            yield _batch(outputs, next(iter(outputs)), values)
                        yield _outcome_batch(outputs, (position, emitted.outcome))
        except Exception as error:
            yield _outcome_batch(outputs, _picklable(error))

    return run


class _EmittedBatches:
    """The batches that a function emits, while it runs; `outcome` is complete after the last."""

    def __init__(self, function: Callable[[Any, Emit], Any], part: Any) -> None:
        self._function, self._part = function, part
        self._queue: Queue[Mapping[str, Sequence[Any]] | None] = Queue(_WAITING)
        self._error: BaseException | None = None
        self.outcome: Any = None

    def __iter__(self) -> Iterator[Mapping[str, Sequence[Any]]]:
        Thread(target=self._run, daemon=True).start()
        while (values := self._queue.get()) is not None:
            yield values
        if self._error is not None:
            raise self._error

    def _run(self) -> None:
        try:
            self.outcome = self._function(self._part, self._queue.put)
        except BaseException as error:
            self._error = error
        self._queue.put(None)


def _batch(outputs: Outputs, name: str, values: Mapping[str, Sequence[Any]]) -> pa.RecordBatch:
    """Return rows of one output; the other columns are null."""
    rows = batch_of(outputs[name], values, ZONE)
    return _with_nulls(outputs, name, rows.to_struct_array())


def _outcome_batch(outputs: Outputs, outcome: object) -> pa.RecordBatch:
    import pyarrow as pa

    return _with_nulls(outputs, OUTCOME, pa.array([pickle.dumps(outcome)], pa.binary()))


def _with_nulls(outputs: Outputs, name: str, column: pa.Array) -> pa.RecordBatch:
    import pyarrow as pa

    types = {
        output: pa.struct([(c.name, arrow_type(c.type, ZONE)) for c in columns])
        for output, columns in outputs.items()
    } | {OUTCOME: pa.binary()}
    arrays = [
        column if output == name else pa.nulls(len(column), type_)
        for output, type_ in types.items()
    ]
    return pa.RecordBatch.from_arrays(arrays, list(types))


def _picklable(error: BaseException) -> BaseException:
    """Return the error, or one that can be pickled; a note says where it was raised."""
    error.add_note("".join(traceback.format_tb(error.__traceback__)))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - pickled in this line
    except Exception:
        error = RuntimeError(f"{type(error).__name__}, which cannot be pickled, stopped a task")
    return error
