"""Received files as a frame of records: split, hashed and judged where Spark's tasks run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from pyspark.accumulators import AccumulatorParam
from pyspark.sql import DataFrame, SparkSession

from metriccare.causes import naming_file
from metriccare.pipeline.bronze.part_reader import COLUMNS, PartCounts, PartReader
from metriccare.pipeline.bronze.parts import Part, parts_of
from metriccare.tracking.erased import ErasedNames
from metriccare.tracking.states import FileRecord

# A task's share of input: large enough to hide a task's start, small enough to spread the work.
TASK_BYTES = 64 * 2**20
_ARROW_TYPES = {
    "string": pa.string(),
    "bigint": pa.int64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", tz="UTC"),
}
_ARROW = pa.schema([(column.name, _ARROW_TYPES[column.type]) for column in COLUMNS])
_SPARK_DDL = ", ".join(f"{column.name} {column.type}" for column in COLUMNS)

Tally = dict[tuple[str, int], PartCounts]


class _TallyParam(AccumulatorParam[Tally]):
    """Merge by part, so that a task Spark repeats is counted once."""

    def zero(self, value: Tally) -> Tally:
        return {}

    def addInPlace(self, value1: Tally, value2: Tally) -> Tally:  # noqa: N802 - Spark's name
        return {**value1, **value2}


@dataclass(frozen=True)
class Received:
    """The records of some files as a frame, and the tally its evaluation fills."""

    records: DataFrame
    tally: Callable[[], Tally]


def received(spark: SparkSession, files: Iterable[FileRecord], erased: ErasedNames) -> Received:
    """Return the records of files as a frame of bronze's columns plus `rule_id` and `reason`.

    Records of erased persons are passed over.
    """
    parts = [part for file in files for part in parts_of(file, TASK_BYTES)]
    shares = _shares(parts, int(spark.conf.get("spark.sql.shuffle.partitions") or 2))
    tally = spark.sparkContext.accumulator({}, _TallyParam())

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for share in batch.column(0).to_pylist():
                for part in shares[share]:
                    reader = PartReader(part, erased)
                    with naming_file(part.file.tenant, part.file.file_id):
                        yield from map(_arrow, reader.batches())
                    tally.add({part.key: reader.counts})

    places = spark.range(0, len(shares), 1, max(1, len(shares)))
    return Received(places.mapInArrow(read, _SPARK_DDL), lambda: tally.value)


def _shares(parts: list[Part], width: int) -> list[list[Part]]:
    """Spread parts over tasks: in order, about equal in bytes, at least `width` tasks."""
    total = sum(_size(part) for part in parts)
    count = max(1, min(len(parts), max(width, -(-total // TASK_BYTES))))
    shares: list[list[Part]] = [[] for _ in range(count)]
    done = 0
    for part in parts:
        place = min(count - 1, done * count // max(1, total))
        shares[place].append(part)
        done += _size(part)
    return [share for share in shares if share]


def _size(part: Part) -> int:
    # A file costs something to open even when it is tiny.
    return (part.size if part.lines else part.file.size) + 4096


def _arrow(values: Mapping[str, Sequence[Any]]) -> pa.RecordBatch:
    arrays = [pa.array(values[field.name], field.type) for field in _ARROW]
    return pa.RecordBatch.from_arrays(arrays, schema=_ARROW)
