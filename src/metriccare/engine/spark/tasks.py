"""Python functions in Spark's tasks: rows of several outputs, and what a function says at its end.

What a function raises and what it returns travel among the rows, in the column SAID, so that a
task that Spark repeats is counted once and an error arrives as it was raised.
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

SAID = "said_by_the_function"
# Persons with all that belongs to them, taken over at a time; batches that wait for Spark.
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
    return ", ".join((*structs, f"`{SAID}` binary"))


def people_task(function: Callable[[Row], Mapping[str, Iterable[Row]]], outputs: Outputs) -> Task:
    """Return the task that maps people by a rule."""

    def run(batches: Iterable[pa.RecordBatch]) -> Batches:
        try:
            for batch in batches:
                for start in range(0, batch.num_rows, _PEOPLE):
                    people = without_zones(batch.slice(start, _PEOPLE)).to_pylist()
                    yield from _made(people, function, outputs)
        except Exception as error:
            yield _saying(outputs, _raised(error))

    return run


def _made(
    people: Iterable[Row],
    function: Callable[[Row], Mapping[str, Iterable[Row]]],
    outputs: Outputs,
) -> Batches:
    made: dict[str, list[Row]] = {name: [] for name in outputs}
    for person in people:
        for name, rows in function(person).items():
            made[name].extend(rows)
    for name, rows in made.items():
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
                    for place, part in shares[share]:
                        emitted = _Emitted(function, part)
                        for values in emitted:
                            yield _batch(outputs, next(iter(outputs)), values)
                        yield _saying(outputs, (place, emitted.outcome))
        except Exception as error:
            yield _saying(outputs, _raised(error))

    return run


class _Emitted:
    """The batches that a function emits, given on while it runs; its outcome after the last."""

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


def _saying(outputs: Outputs, what: object) -> pa.RecordBatch:
    import pyarrow as pa

    return _with_nulls(outputs, SAID, pa.array([pickle.dumps(what)], pa.binary()))


def _with_nulls(outputs: Outputs, name: str, column: pa.Array) -> pa.RecordBatch:
    import pyarrow as pa

    kinds = {
        output: pa.struct([(c.name, arrow_type(c.type, ZONE)) for c in columns])
        for output, columns in outputs.items()
    } | {SAID: pa.binary()}
    arrays = [
        column if each == name else pa.nulls(len(column), kind) for each, kind in kinds.items()
    ]
    return pa.RecordBatch.from_arrays(arrays, list(kinds))


def _raised(error: BaseException) -> BaseException:
    """Return an error that can be sent, with where it was raised; its message stays its own."""
    error.add_note("".join(traceback.format_tb(error.__traceback__)))
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 - our own, of a moment ago
    except Exception:
        error = RuntimeError(f"{type(error).__name__}, which cannot be sent, stopped a task")
    return error
