"""One JSON value of a file as records: a resource, an array of them, or a Bundle, at any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, TypeVar

from metriccare.sources.fhir.bundle import Header, header_of
from metriccare.sources.fhir.bundle_entry import entry_of
from metriccare.sources.fhir.byte_account import Ledger
from metriccare.sources.fhir.json_spans import BrokenJson, Buffer, Span, elements
from metriccare.sources.fhir.places import PlaceCounter
from metriccare.sources.fhir.record import (
    OUTCOME,
    FhirRecord,
    Other,
    guarded,
    not_an_object,
    not_json,
    rejected,
    resource_record,
    tombstone_record,
    too_large,
)
from metriccare.sources.record import MAX_RECORD_BYTES, QUARANTINED_TEXT_BYTES, Place, Rejected

EMPTY_ENTRY = b"{}"
LOG_ENTRY = b'{"exportId":"","eventId":""}'
# Servers nest a Bundle of results in one of responses, not more.
_DEEPEST = 16
# What is longer is looked at before it is parsed: parsed, it takes several times its size.
LONG_VALUE = 2**16
_Read = TypeVar("_Read")


class LocatedRecord(NamedTuple):
    """A record and where its bytes are in the file.

    To remove it, the span `removable` is replaced by `instead`.
    """

    record: FhirRecord
    span: Span
    removable: Span
    instead: bytes


@dataclass(frozen=True)
class _Context:
    """What a value is part of: what goes with it, its entry's url, its Bundle and how deep."""

    removable: Span
    instead: bytes
    is_outermost: bool = False
    is_outcome: bool = False
    full_url: str | None = None
    bundle: str | None = None
    made_at: datetime | None = None
    depth: int = 0


class ValueReader:
    """Reads values of one buffer, one after the other; counts them and their bytes."""

    def __init__(self, buffer: Buffer, places: PlaceCounter, ledger: Ledger) -> None:
        self._buffer = buffer
        self._places = places
        self._ledger = ledger
        self._header_of: tuple[Span, Header | FhirRecord] | None = None

    def value(self, span: Span, *, is_closed: bool, is_alone: bool) -> Iterator[LocatedRecord]:
        """Yield the records of a value; of one that is not closed those before it breaks off."""
        places = self._places
        place = places.alone() if is_alone else places.entry()
        within = _Context(span, LOG_ENTRY, is_outermost=True)
        result = self._header(span, place, within) if is_closed else self._form(span, place, within)
        yield from self._read(result, span, within, places)

    def is_container(self, span: Span) -> bool:
        """Return True if a value is an array or a Bundle."""
        return self._buffer[span[0] : span[0] + 1] == b"[" or self._is_bundle(span)

    def _is_bundle(self, span: Span) -> bool:
        header = self._bundle_header(span, (0, "0"))
        return isinstance(header, FhirRecord) or header.is_bundle

    def _bundle_header(self, span: Span, place: Place) -> Header | FhirRecord:
        """Return the header of a value; a long value is gone through once only."""
        if self._header_of is None or self._header_of[0] != span:
            self._header_of = span, self._read_or_rejected(header_of, place, span)
        return self._header_of[1]

    def _header(self, span: Span, place: Place, within: _Context) -> FhirRecord | Other:
        size = span[1] - span[0]
        if size > LONG_VALUE and self.is_container(span):
            return Other.ARRAY if self._buffer[span[0] : span[0] + 1] == b"[" else Other.BUNDLE
        if size <= MAX_RECORD_BYTES:
            raw = self._buffer[span[0] : span[1]]
            result = guarded(resource_record, raw, place, within.full_url, within.bundle)
            if result is not Other.NOT_JSON:
                return result
        return self._form(span, place, within)

    def _form(self, span: Span, place: Place, within: _Context) -> FhirRecord | Other:
        """Return what a text is that is broken, or too large for a record."""
        if within.is_outermost and self._buffer[span[0] : span[0] + 1] == b"[":
            return Other.ARRAY
        if self._buffer[span[0] : span[0] + 1] == b"{" and self._is_bundle(span):
            return Other.BUNDLE
        return guarded(_no_record, self._text(span), place, span)

    def _read(
        self, result: FhirRecord | Other, span: Span, within: _Context, places: PlaceCounter
    ) -> Iterator[LocatedRecord]:
        if result is Other.BUNDLE and within.depth < _DEEPEST:
            yield from self._bundle(span, within, places)
        elif result is Other.ARRAY and within.is_outermost:
            yield from self._array(span, places)
        elif result is Other.PASSED_OVER or _is_passed(result, within):
            self._ledger.pass_over(within.removable)
            places.count += 1
        elif isinstance(result, Other):
            refused = guarded(_out_of_place, self._text(span), places.entry(), result)
            yield self._located(refused, span, within, places)
        else:
            yield self._located(result, span, within, places)

    def _located(
        self, record: FhirRecord, span: Span, within: _Context, places: PlaceCounter
    ) -> LocatedRecord:
        self._ledger.take(span)
        places.count += 1
        return LocatedRecord(record, span, within.removable, within.instead)

    def _array(self, span: Span, places: PlaceCounter) -> Iterator[LocatedRecord]:
        last = span[0]
        try:
            for element in elements(self._buffer, *span):
                within = _Context(element, LOG_ENTRY)
                result = self._header(element, places.entry(), within)
                yield from self._read(result, element, within, places)
                last = element[1]
        except BrokenJson as fault:
            yield self._rest((last, span[1]), fault, places)

    def _bundle(
        self, span: Span, within: _Context, places: PlaceCounter
    ) -> Iterator[LocatedRecord]:
        place = places.entry()
        header = self._bundle_header(span, place)
        if isinstance(header, FhirRecord):
            header = header._replace(line=place[0], entry=place[1])
            yield self._located(header, span, within, places)
            return
        inner = replace(
            within,
            bundle=f"{within.bundle}/{span[0]}" if within.bundle else str(span[0]),
            made_at=header.made_at,
            depth=within.depth + 1,
            is_outermost=False,
        )
        below = places if within.is_outermost else PlaceCounter(within=place)
        fault, last = header.fault, span[0]
        try:
            for start in header.entries:
                for entry in elements(self._buffer, start, span[1]):
                    yield from self._entry(entry, inner, below)
                    last = entry[1]
        except BrokenJson as broken:
            fault = broken
        if fault is not None:
            yield self._rest((last, span[1]), fault, below)
        if below is not places:
            places.count += 1

    def _entry(self, span: Span, bundle: _Context, places: PlaceCounter) -> Iterator[LocatedRecord]:
        place = places.entry()
        entry = self._read_or_rejected(entry_of, place, span)
        if isinstance(entry, FhirRecord):
            yield self._located(entry, span, _Context(span, EMPTY_ENTRY), places)
        elif entry.deletes:
            at = entry.modified or bundle.made_at
            text, url = self._text(span), entry.url
            gone = guarded(tombstone_record, text, place, url, at, bundle.bundle)
            yield self._located(gone, span, _Context(span, EMPTY_ENTRY), places)
        elif entry.resource is None:
            self._ledger.pass_over(span)
            places.count += 1
        else:
            within = _Context(
                span,
                EMPTY_ENTRY,
                is_outcome=entry.is_outcome,
                full_url=entry.full_url,
                bundle=bundle.bundle,
                depth=bundle.depth,
            )
            result = self._header(entry.resource, place, within)
            yield from self._read(result, entry.resource, within, places)

    def _rest(self, span: Span, fault: BrokenJson, places: PlaceCounter) -> LocatedRecord:
        raw = self._buffer[span[0] : min(span[1], span[0] + QUARANTINED_TEXT_BYTES)]
        reason = f"the document breaks off: {fault}; entries before it were loaded"
        record = rejected(raw, places.entry(), "document_broken", reason)
        return self._located(record, span, _Context(span, b""), places)

    def _read_or_rejected(
        self,
        read: Callable[[bytes, Place, Buffer, Span], _Read],
        place: Place,
        span: Span,
    ) -> _Read | FhirRecord:
        """Return what is read from the buffer itself; the text is fetched to be rejected only."""
        result = guarded(read, b"", place, self._buffer, span)
        if not isinstance(result, FhirRecord):
            return result
        return rejected(self._text(span), place, str(result.rule_id), str(result.reason))

    def _text(self, span: Span) -> bytes:
        """Return a span's bytes; of one too large to keep, just enough to be rejected by."""
        return self._buffer[span[0] : min(span[1], span[0] + MAX_RECORD_BYTES + 1)]


def _no_record(raw: bytes, place: Place, span: Span) -> FhirRecord:
    if span[1] - span[0] > MAX_RECORD_BYTES:
        raise too_large(span[1] - span[0])
    return not_json(raw, place)


def _out_of_place(raw: bytes, place: Place, result: Other) -> FhirRecord:
    if result is Other.BUNDLE:
        raise Rejected("record_unreadable", f"wanted Bundles in at most {_DEEPEST} Bundles")
    raise not_an_object("list")


def _is_passed(result: FhirRecord | Other, within: _Context) -> bool:
    """Return True if a record is what a server says about a search."""
    is_outcome = isinstance(result, FhirRecord) and result.record_type == OUTCOME
    return within.is_outcome and is_outcome
