"""Python rules over one person at a time, in this process or, for many persons, in several."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from metriccare.engine.arrow import arrow, has_arrow
from metriccare.engine.arrow_types import arrow_type
from metriccare.engine.duckdb.failures import sanitized
from metriccare.engine.duckdb.worker_processes import answers_of, processors
from metriccare.engine.protocol import Row
from metriccare.errors import EngineFailed
from metriccare.tables import Column

if TYPE_CHECKING:
    import pyarrow as pa
    from duckdb import DuckDBPyConnection

Rule = Callable[[Row], Mapping[str, Iterable[Row]]]
Outputs = Mapping[str, Sequence[Column]]
# Name of an output -> its columns' values.
RuleOutput = Mapping[str, Mapping[str, Sequence[Any]]]
# 250 persons of a general population take a quarter of a second, and 1 MB of histories half a
# second. Starting processes takes half a second: with less than this it is not worth it.
BATCH = 250
_MANY_BATCHES, _MANY_BYTES = 12, 6 * 2**20


def map_batches(people: DuckDBPyConnection, rule: Rule, outputs: Outputs) -> Iterator[RuleOutput]:
    """Yield a rule's output for each batch of persons, in order."""
    batches: Iterator[Any] = _batches(people) if has_arrow() else _batches_of_rows(people)
    people_of = _people if has_arrow() else list[Row]
    first = _first(batches)
    if not _is_much(first) or processors() == 1:
        for batch in chain(first, batches):
            yield apply_rule(people_of(batch), rule, outputs)
    elif has_arrow():
        packed = map(_packed, chain(first, batches))
        for answer in answers_of(_Rule(rule, outputs), packed):
            yield {name: _unpacked(output) for name, output in answer.items()}
    else:
        # Without Arrow, persons and outputs are passed to other processes as Python objects.
        apply = partial(apply_rule, rule=rule, outputs=outputs)
        yield from answers_of(apply, chain(first, batches))


def _first(batches: Iterator[Any]) -> list[Any]:
    """Return batches until they are much work, or all of them."""
    first: list[Any] = []
    while not _is_much(first) and (batch := next(batches, None)) is not None:
        first.append(batch)
    return first


def _is_much(batches: Sequence[Any]) -> bool:
    # Only Arrow knows the size of its batches.
    size = sum(batch.nbytes for batch in batches) if has_arrow() else 0
    return len(batches) >= _MANY_BATCHES or size >= _MANY_BYTES


def apply_rule(persons: Iterable[Row], rule: Rule, outputs: Outputs) -> RuleOutput:
    """Return a rule's output for some persons."""
    computed: dict[str, list[Row]] = {name: [] for name in outputs}
    for person in persons:
        for name, rows in rule(person).items():
            computed[name].extend(rows)
    return {
        name: {column.name: [row.get(column.name) for row in computed[name]] for column in columns}
        for name, columns in outputs.items()
    }


@dataclass(frozen=True)
class _Rule:
    """The rule in another process; batches and outputs are packed bytes."""

    rule: Rule
    outputs: Outputs

    def __call__(self, packed: bytes) -> Mapping[str, bytes]:
        pa = arrow()

        answer = {}
        output = apply_rule(_people(_batch_of(packed)), self.rule, self.outputs)
        for name, values in output.items():
            columns = self.outputs[name]
            arrays = [pa.array(values[c.name], arrow_type(c.type)) for c in columns]
            answer[name] = _packed(pa.RecordBatch.from_arrays(arrays, [c.name for c in columns]))
        return answer


def _batches_of_rows(people: DuckDBPyConnection) -> Iterator[list[Row]]:
    names = [item[0] for item in people.description or ()]
    while True:
        with sanitized("A model"):
            rows = people.fetchmany(BATCH)
        if not rows:
            return
        yield [dict(zip(names, values, strict=True)) for values in rows]


def _batches(people: DuckDBPyConnection) -> Iterator[pa.RecordBatch]:
    reader = people.to_arrow_reader(BATCH)
    while True:
        try:
            batch = reader.read_next_batch()
        except StopIteration:
            return
        except Exception as error:
            # Arrow repeats DuckDB's message, which may contain values of a row.
            name = type(error).__name__
            raise EngineFailed(f"A model failed in DuckDB ({name})") from None
        yield batch


@cache
def _session() -> DuckDBPyConnection:
    import duckdb  # imported late: it takes 0.2 s

    session = duckdb.connect()
    session.execute("SET TimeZone = 'UTC'")
    return session


def _people(batch: pa.RecordBatch) -> list[Row]:
    """Return a batch's rows as Python objects; DuckDB creates them faster than Arrow."""
    pa = arrow()

    with _session().cursor() as session:
        session.register("people", pa.Table.from_batches([batch]))
        result = session.execute("FROM people")
        names = [item[0] for item in result.description or ()]
        return [dict(zip(names, values, strict=True)) for values in result.fetchall()]


def _packed(batch: pa.RecordBatch) -> bytes:
    pa = arrow()

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as stream:
        stream.write_batch(batch)
    return sink.getvalue().to_pybytes()  # type: ignore[no-any-return]


def _batch_of(packed: bytes) -> pa.RecordBatch:
    pa = arrow()

    return next(iter(pa.ipc.open_stream(packed)))


def _unpacked(packed: bytes) -> dict[str, Any]:
    batch = _batch_of(packed)
    return dict(zip(batch.schema.names, batch.columns, strict=True))
