"""Received files as a frame of records: split, hashed and judged where Spark's tasks run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

import pyarrow as pa
from pyspark.accumulators import AccumulatorParam
from pyspark.sql import DataFrame, SparkSession

from metriccare.causes import naming_file
from metriccare.errors import UnreadableFile
from metriccare.fhir.byte_account import ByteAccount
from metriccare.fhir.drift import unread_at_top
from metriccare.fhir.exchange import GZIP_MARK, FileReader, Lines, is_value_line
from metriccare.fhir.person_names import names_of
from metriccare.fhir.record import Place, Record, guarded, refers_indirectly
from metriccare.fhir.values import Found
from metriccare.spark.raw_files import open_raw
from metriccare.tracking.erased import ErasedNames
from metriccare.tracking.states import FileRecord

# A task's share of input: large enough to hide a task's start, small enough to spread the work.
TASK_BYTES = 64 * 2**20
_BATCH_ROWS = 4096
_BATCH_BYTES = 16 * 2**20
_BLOCK = 2**20
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
    """A file, or a range of whole lines of a large one."""

    file: FileRecord
    lines: Lines | None = None

    @property
    def key(self) -> tuple[str, int]:
        """Return what tells the part from every other: its file and where it starts."""
        return self.file.file_id, self.lines.start if self.lines else 0


@dataclass(frozen=True)
class PartCounts:
    """What came of one part: records loaded and rejected, or why it could not be read.

    `account` says what became of its bytes. `unread` counts the resources that carry a field no
    declaration reads, by type and field.
    """

    loaded: int = 0
    rejected: int = 0
    unreadable: str | None = None
    account: ByteAccount | None = None
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
                    with naming_file(part.file.tenant, part.file.file_id):
                        yield from _part_batches(part, erased, tally.add)

    places = spark.range(0, len(shares), 1, max(1, len(shares)))
    return Received(places.mapInArrow(read, _SPARK_DDL), lambda: tally.value)


def parts_of(file: FileRecord) -> list[Part]:
    """Return the parts of a file: ranges of lines when it is a large plain NDJSON, else all."""
    if file.size <= TASK_BYTES or file.location.startswith("s3://"):
        return [Part(file)]
    try:
        with open(file.location, "rb") as stream:
            if stream.read(2) == GZIP_MARK or FileReader(stream).is_document():
                return [Part(file)]
            return [Part(file, lines) for lines in _line_ranges(stream)]
    except OSError:
        return [Part(file)]


def _line_ranges(stream: BinaryIO) -> Iterator[Lines]:
    """Cut a file before lines that are values, counting lines on the way: one fast pass.

    So no value is cut that is laid out over lines among others.
    """
    start, line, end, count = 0, 1, 0, 0
    stream.seek(0)
    while block := stream.read(_BLOCK):
        block += stream.readline()
        end, count = end + len(block), count + block.count(b"\n")
        if end - start >= TASK_BYTES and is_value_line(_next_line(stream)):
            yield Lines(start, end, line)
            start, line, count = end, line + count, 0
    if end > start:
        yield Lines(start, end, line)


def _next_line(stream: BinaryIO) -> bytes:
    place = stream.tell()
    line = stream.readline(_BLOCK)
    stream.seek(place)
    return line


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
    return (part.lines.end - part.lines.start if part.lines else part.file.size) + 4096


def _part_batches(
    part: Part, erased: ErasedNames, add: Callable[[Tally], None]
) -> Iterator[pa.RecordBatch]:
    unread: Counter[tuple[str, str]] = Counter()
    try:
        with open_raw(part.file.location) as stream:
            reader = FileReader(stream, part.lines)
            taken = _Taken()
            for found in _batches(_kept(reader, part.file.tenant, erased)):
                records = [one.record for one in found]
                taken.add(found)
                _count_unread(records, unread)
                yield _arrow(part.file, records)
            account = reader.account(taken.bytes_loaded, taken.bytes_rejected)
    except UnreadableFile as error:
        add({part.key: PartCounts(unreadable=str(error))})
        return
    counts = PartCounts(taken.loaded, taken.rejected, account=account, unread=_few(unread))
    add({part.key: counts})


@dataclass
class _Taken:
    """Records on their way into bronze or quarantine, and their bytes in the file."""

    loaded: int = 0
    rejected: int = 0
    bytes_loaded: int = 0
    bytes_rejected: int = 0

    def add(self, found: list[Found]) -> None:
        """Count a batch."""
        bad = [one.span[1] - one.span[0] for one in found if one.record.rule_id is not None]
        size = sum(one.span[1] - one.span[0] for one in found)
        self.loaded += len(found) - len(bad)
        self.rejected += len(bad)
        self.bytes_loaded += size - sum(bad)
        self.bytes_rejected += sum(bad)


def _count_unread(records: list[Record], unread: Counter[tuple[str, str]]) -> None:
    """Count fields nobody reads: resources of a batch mostly share a few sets of fields."""
    shapes = Counter([(r.resource_type, r.fields) for r in records if r.fields])
    for (kind, fields), count in shapes.items():
        for name in unread_at_top(str(kind), fields):
            unread[str(kind), name] += count


def _few(unread: Counter[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the most frequent fields: where names are data, a file could bring millions."""
    return dict(unread.most_common(_MOST_UNREAD))


def _kept(reader: FileReader, tenant: str, erased: ErasedNames) -> Iterator[Found]:
    """Yield what was found, without the records of erased persons."""
    if not erased.marks:
        yield from reader.found()
        return
    for found in reader.found():
        record = found.record
        is_gone = guarded(
            _is_erased, record.raw, (record.line, record.entry), record, tenant, erased
        )
        if is_gone is True:
            reader.leave_out(found)
        else:
            yield found if is_gone is False else found._replace(record=is_gone)


def _is_erased(raw: bytes, place: Place, record: Record, tenant: str, erased: ErasedNames) -> bool:
    return erased.hold(tenant, names_of(record))


def _batches(found: Iterable[Found]) -> Iterator[list[Found]]:
    batch: list[Found] = []
    size = 0
    for one in found:
        batch.append(one)
        size += len(one.record.raw)
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
