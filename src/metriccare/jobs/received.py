"""Received files as a frame of records: split, hashed and judged where Spark's tasks run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import pyarrow as pa
from pyspark.accumulators import AccumulatorParam
from pyspark.sql import DataFrame, SparkSession

from metriccare.errors import UnreadableFile
from metriccare.fhir.drift import unread_at_top
from metriccare.fhir.exchange import GZIP_MARK, file_records, is_document, line_records
from metriccare.fhir.person_names import names_of
from metriccare.fhir.record import Record, refers_indirectly
from metriccare.spark.raw_files import open_raw
from metriccare.tracking.erased import ErasedNames
from metriccare.tracking.states import FileRecord

# A task's share of input: large enough to hide a task's start, small enough to spread the work.
TASK_BYTES = 64 * 2**20
_BATCH_ROWS = 4096
_BATCH_BYTES = 16 * 2**20
_PROBE = 2**20
_MOST_UNREAD = 1000

_COLUMNS: tuple[tuple[str, pa.DataType], ...] = (
    ("tenant", pa.string()),
    ("resource_type", pa.string()),
    ("resource_id", pa.string()),
    ("last_updated", pa.timestamp("us", tz="UTC")),
    ("deleted", pa.bool_()),
    ("raw", pa.string()),
    ("raw_sha256", pa.string()),
    ("source_file", pa.string()),
    ("source_line", pa.int64()),
    ("full_url", pa.string()),
    ("file_id", pa.string()),
    ("ingest_sequence", pa.int64()),
    ("indirect", pa.bool_()),
    ("bundle", pa.string()),
    ("record_key", pa.string()),
    ("rule_id", pa.string()),
    ("reason", pa.string()),
)
_ARROW = pa.schema(_COLUMNS)
_SPARK_DDL = (
    "tenant string, resource_type string, resource_id string, last_updated timestamp,"
    " deleted boolean, raw string, raw_sha256 string, source_file string, source_line bigint,"
    " full_url string, file_id string, ingest_sequence bigint, indirect boolean,"
    " bundle string, record_key string, rule_id string, reason string"
)


@dataclass(frozen=True)
class Part:
    """A file, or a range of whole lines of a large one whose first line has number `line`."""

    file: FileRecord
    start: int = 0
    end: int | None = None
    line: int = 1


@dataclass(frozen=True)
class PartCounts:
    """What came of one part: records loaded and rejected, or why it could not be read.

    `unread` counts the resources that carry a field no declaration reads, by type and field.
    """

    loaded: int = 0
    rejected: int = 0
    unreadable: str | None = None
    unread: Mapping[tuple[str, str], int] = field(default_factory=dict)


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
    parts = [part for file in files for part in parts_of(file)]
    shares = _shares(parts, int(spark.conf.get("spark.sql.shuffle.partitions") or 2))
    tally = spark.sparkContext.accumulator({}, _TallyParam())

    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            for share in batch.column(0).to_pylist():
                for part in shares[share]:
                    yield from _part_batches(part, erased, tally.add)

    places = spark.range(0, len(shares), 1, max(1, len(shares)))
    return Received(places.mapInArrow(read, _SPARK_DDL), lambda: tally.value)


def parts_of(file: FileRecord) -> list[Part]:
    """Return the parts of a file: ranges of lines when it is a large plain NDJSON, else all."""
    if file.size <= TASK_BYTES or file.location.startswith("s3://"):
        return [Part(file)]
    try:
        with open(file.location, "rb") as stream:
            head = stream.read(_PROBE)
            if head[:2] == GZIP_MARK or is_document(head, whole=False):
                return [Part(file)]
            return _line_ranges(file, stream)
    except OSError:
        return [Part(file)]


def _line_ranges(file: FileRecord, stream: object) -> list[Part]:
    """Cut a file at line ends, counting lines on the way: one fast pass over its bytes."""
    parts: list[Part] = []
    start, line = 0, 1
    while start < file.size:
        stream.seek(start)  # type: ignore[attr-defined]
        block = stream.read(TASK_BYTES)  # type: ignore[attr-defined]
        block += stream.readline()  # type: ignore[attr-defined]
        end = start + len(block)
        parts.append(Part(file, start, end, line))
        start, line = end, line + block.count(b"\n")
    return parts


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
    return (part.end - part.start if part.end is not None else part.file.size) + 4096


def _part_batches(
    part: Part, erased: ErasedNames, add: Callable[[Tally], None]
) -> Iterator[pa.RecordBatch]:
    loaded = rejected = 0
    unread: Counter[tuple[str, str]] = Counter()
    key = (part.file.file_id, part.start)
    try:
        for records in _batches(_kept(part, erased)):
            bad = sum(record.rule_id is not None for record in records)
            loaded, rejected = loaded + len(records) - bad, rejected + bad
            _count_unread(records, unread)
            yield _arrow(part.file, records)
    except UnreadableFile as error:
        add({key: PartCounts(unreadable=str(error))})
        return
    add({key: PartCounts(loaded, rejected, unread=_few(unread))})


def _count_unread(records: list[Record], unread: Counter[tuple[str, str]]) -> None:
    """Count fields nobody reads: resources of a batch mostly share a few sets of fields."""
    shapes = Counter([(r.resource_type, r.fields) for r in records if r.fields])
    for (kind, fields), count in shapes.items():
        for name in unread_at_top(str(kind), fields):
            unread[str(kind), name] += count


def _few(unread: Counter[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the most frequent fields: where names are data, a file could bring millions."""
    return dict(unread.most_common(_MOST_UNREAD))


def _kept(part: Part, erased: ErasedNames) -> Iterator[Record]:
    records = _part_records(part)
    if not erased.marks:
        return records
    return (r for r in records if not erased.hold(part.file.tenant, names_of(r)))


def _part_records(part: Part) -> Iterator[Record]:
    with open_raw(part.file.location) as stream:
        if part.end is None:
            yield from file_records(stream)
            return
        stream.seek(part.start)
        yield from line_records(_lines_until(stream, part.end), part.line)


def _lines_until(stream: object, end: int) -> Iterator[bytes]:
    while stream.tell() < end:  # type: ignore[attr-defined]
        yield stream.readline()  # type: ignore[attr-defined]


def _batches(records: Iterable[Record]) -> Iterator[list[Record]]:
    batch: list[Record] = []
    size = 0
    for record in records:
        batch.append(record)
        size += len(record.raw)
        if len(batch) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _arrow(file: FileRecord, records: list[Record]) -> pa.RecordBatch:
    count = len(records)
    prefix = f"{file.tenant}|{file.file_id}|"
    base = (file.sequence or 0) << 32
    columns = {
        "tenant": pa.repeat(file.tenant, count),
        "resource_type": [r.resource_type for r in records],
        "resource_id": [r.resource_id for r in records],
        "last_updated": [r.last_updated for r in records],
        "deleted": [r.deleted for r in records],
        "raw": [_text(r) for r in records],
        "raw_sha256": [r.sha256 for r in records],
        "source_file": pa.repeat(file.source_file, count),
        "source_line": [r.line for r in records],
        "full_url": [r.full_url for r in records],
        "file_id": pa.repeat(file.file_id, count),
        "ingest_sequence": [base + r.line for r in records],
        "indirect": [refers_indirectly(r.raw) for r in records],
        "bundle": [r.bundle for r in records],
        "record_key": [f"{prefix}{r.line}|{r.entry}" for r in records],
        "rule_id": [r.rule_id for r in records],
        "reason": [r.reason for r in records],
    }
    arrays = [
        column if isinstance(column, pa.Array) else pa.array(column, kind)
        for column, (_, kind) in zip(columns.values(), _COLUMNS, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=_ARROW)


def _text(record: Record) -> bytes | str:
    """Return the exact text; of a rejected record with broken encoding, its bytes spelt out."""
    if record.rule_id is None:
        return record.raw
    return record.raw.decode("utf-8", "backslashreplace")
