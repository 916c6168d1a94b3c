"""Reads one part of a received file into records: split, hashed and checked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from metriccare.causes import naming_file
from metriccare.engine.protocol import Emit
from metriccare.errors import UnreadableFile
from metriccare.object_store import RawFiles
from metriccare.pipeline.bronze.parts import Part
from metriccare.pipeline.bronze.record_text import text_of
from metriccare.sources.fhir.byte_account import ByteAccount
from metriccare.sources.fhir.drift import unread_at_top
from metriccare.sources.fhir.exchange import FileReader
from metriccare.sources.fhir.patient_references import names_of
from metriccare.sources.fhir.raw_files import open_raw
from metriccare.sources.fhir.record import FhirRecord, guarded, refers_indirectly
from metriccare.sources.fhir.values import LocatedRecord
from metriccare.sources.record import Place
from metriccare.tables import Column, Table
from metriccare.tables.bronze import QUARANTINE, RESOURCE
from metriccare.tables.declaration import ORDERING, RUN_ID
from metriccare.tables.keys import keys_of_records
from metriccare.tracking.erased import ErasedNames
from metriccare.tracking.states import FileRecord

# 4,096 records or 16 MB: enough that a batch costs little, little enough for memory.
_BATCH_ROWS = 4096
_BATCH_BYTES = 16 * 2**20
# 1,000 names per part: where names are data, a file could bring millions.
_MOST_UNREAD = 1000
_OF_RUN = frozenset({"ingested_at", RUN_ID.name, ORDERING.name})


def columns_of_read(table: Table, *of_quarantine: str) -> tuple[Column, ...]:
    """Return the columns of a read record: a table's, without those that the run fills in."""
    own = (column for column in table.columns if column.name not in _OF_RUN)
    return (*own, *map(QUARANTINE.column, of_quarantine))


COLUMNS = columns_of_read(RESOURCE, "rule_id", "reason")


@dataclass(frozen=True)
class PartCounts:
    """The counts of one part: records loaded and rejected, or why it could not be read.

    `account` has its bytes by their use. `unread` counts the resources with a field that no
    declaration reads, by type and field.
    """

    loaded: int = 0
    rejected: int = 0
    unreadable: str | None = None
    account: ByteAccount | None = None
    unread: Mapping[tuple[str, str], int] = field(default_factory=dict)


def read_part(part: Part, emit: Emit, raw_files: RawFiles, erased: ErasedNames) -> PartCounts:
    """Emit a part's records, without those of erased persons, and return its counts."""
    reader = PartReader(part, raw_files, erased)
    with naming_file(part.file.tenant, part.file.file_id):
        for batch in reader.batches():
            emit(batch)
    return reader.counts


def count_part(part: Part, emit: Emit, raw_files: RawFiles, erased: ErasedNames) -> PartCounts:
    """Return what `read_part` would, and emit nothing."""
    return read_part(part, lambda _: None, raw_files, erased)


@dataclass
class PartReader:
    """Reads a part once; `counts` is complete after its last batch."""

    part: Part
    raw_files: RawFiles
    erased: ErasedNames
    counts: PartCounts = field(default_factory=PartCounts)

    def batches(self) -> Iterator[Mapping[str, Sequence[Any]]]:
        """Yield the values of each of COLUMNS, one batch of records at a time; text may be bytes.

        Records of erased persons are left out.
        """
        try:
            yield from self._batches()
        except UnreadableFile as error:
            self.counts = PartCounts(unreadable=str(error))

    def _batches(self) -> Iterator[Mapping[str, Sequence[Any]]]:
        file, totals = self.part.file, _Totals()
        with open_raw(self.raw_files, file.location) as stream:
            reader = FileReader(stream, self.part.lines)
            for batch in _batches(_kept(reader, file.tenant, self.erased)):
                totals.add(batch)
                yield _values(file, [found.record for found in batch])
            account = reader.account(totals.bytes_loaded, totals.bytes_rejected)
        unread = dict(totals.unread.most_common(_MOST_UNREAD))
        self.counts = PartCounts(totals.loaded, totals.rejected, account=account, unread=unread)


@dataclass
class _Totals:
    """The counts of records for bronze and the quarantine, and of their bytes in the file."""

    loaded: int = 0
    rejected: int = 0
    bytes_loaded: int = 0
    bytes_rejected: int = 0
    unread: Counter[tuple[str, str]] = field(default_factory=Counter)

    def add(self, batch: Sequence[LocatedRecord]) -> None:
        """Count a batch."""
        bad = [found.span[1] - found.span[0] for found in batch if found.record.rule_id is not None]
        size = sum(found.span[1] - found.span[0] for found in batch)
        self.loaded += len(batch) - len(bad)
        self.rejected += len(bad)
        self.bytes_loaded += size - sum(bad)
        self.bytes_rejected += sum(bad)
        self._count_unread(found.record for found in batch)

    def _count_unread(self, records: Iterable[FhirRecord]) -> None:
        """Count unread fields by set of fields: most resources of a batch share a few sets."""
        shapes = Counter((r.record_type, r.fields) for r in records if r.fields)
        for (type_, fields), count in shapes.items():
            for name in unread_at_top(str(type_), fields):
                self.unread[str(type_), name] += count


def _kept(reader: FileReader, tenant: str, erased: ErasedNames) -> Iterator[LocatedRecord]:
    """Yield the records of a file, without those of erased persons."""
    if not erased.marks:
        yield from reader.records()
        return
    for found in reader.records():
        record = found.record
        is_erased = guarded(
            _is_erased, record.raw, (record.line, record.entry), record, tenant, erased
        )
        if is_erased is True:
            reader.leave_out(found)
        else:
            yield found if is_erased is False else found._replace(record=is_erased)


def _is_erased(
    raw: bytes, place: Place, record: FhirRecord, tenant: str, erased: ErasedNames
) -> bool:
    return erased.hold(tenant, names_of(record))


def _batches(records: Iterable[LocatedRecord]) -> Iterator[list[LocatedRecord]]:
    batch: list[LocatedRecord] = []
    size = 0
    for found in records:
        batch.append(found)
        size += len(found.record.raw)
        if len(batch) >= _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _values(file: FileRecord, records: Sequence[FhirRecord]) -> Mapping[str, Sequence[Any]]:
    count = len(records)
    tenant, file_id = file.tenant, file.file_id
    base = (file.sequence or 0) << 32
    return {
        "tenant": [tenant] * count,
        "resource_type": [r.record_type for r in records],
        "resource_id": [r.record_id for r in records],
        "last_updated": [r.updated_at for r in records],
        "deleted": [r.deleted for r in records],
        "raw": [text_of(r) for r in records],
        "raw_sha256": [r.sha256 for r in records],
        "source_file": [file.source_file] * count,
        "source_line": [r.line for r in records],
        "full_url": [r.full_url for r in records],
        "file_id": [file_id] * count,
        "ingest_sequence": [base + r.line for r in records],
        "indirect": [refers_indirectly(r.raw) for r in records],
        "bundle": [r.bundle for r in records],
        "record_key": keys_of_records(tenant, file_id, [(r.line, r.entry) for r in records]),
        "rule_id": [r.rule_id for r in records],
        "reason": [r.reason for r in records],
    }
