"""One JSON value of a file as records: a resource, an array of them, or a Bundle, at any depth."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, TypeVar

from metriccare.fhir.bundle import Header, header_of
from metriccare.fhir.bundle_entry import entry_of
from metriccare.fhir.byte_account import Ledger
from metriccare.fhir.json_spans import BrokenJson, Buffer, Span, elements
from metriccare.fhir.record import (
    MAX_RECORD_BYTES,
    OUTCOME,
    QUARANTINED_TEXT_BYTES,
    Other,
    Place,
    Record,
    Rejected,
    guarded,
    not_an_object,
    not_json,
    rejected,
    resource_record,
    tombstone_record,
    too_large,
)

EMPTY_ENTRY = b"{}"
LOG_ENTRY = b'{"exportId":"","eventId":""}'
# Servers nest a Bundle of results in one of responses, not more.
_DEEPEST = 16
# What is longer is looked at before it is parsed: parsed, it takes several times its size.
LONG_VALUE = 2**16
_Read = TypeVar("_Read")


class Found(NamedTuple):
    """A record and the bytes it was read from; `removable` goes with it, for `instead`."""

    record: Record
    span: Span
    removable: Span
    instead: bytes


@dataclass
class Numbers:
    """Where the next record is: a line and the entry on it, or the number in a document.

    `within` is the place of a Bundle that is itself an entry: its entries are numbered below it.
    """

    line: int = 1
    by_line: bool = True
    count: int = 0
    within: Place | None = None

    def alone(self) -> Place:
        """Return the place of a resource that has its line to itself."""
        return (self.line, "0") if self.by_line else (self.count + 1, "0")

    def entry(self) -> Place:
        """Return the place of the next of several records."""
        if self.within is not None:
            line, outer = self.within
            return line, str(self.count + 1) if outer == "0" else f"{outer}.{self.count + 1}"
        return (self.line, str(self.count + 1)) if self.by_line else (self.count + 1, "0")

    def pass_lines(self, lines: int) -> None:
        """Go on with a later line."""
        if self.by_line:
            self.line, self.count = self.line + lines, 0


@dataclass(frozen=True)
class _Within:
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

    def __init__(self, buffer: Buffer, numbers: Numbers, ledger: Ledger) -> None:
        self._buffer = buffer
        self._numbers = numbers
        self._ledger = ledger
        self._header_of: tuple[Span, Header | Record] | None = None

    def value(self, span: Span, *, is_closed: bool, is_alone: bool) -> Iterator[Found]:
        """Yield the records of a value; of one that is not closed those before it breaks off."""
        numbers = self._numbers
        place = numbers.alone() if is_alone else numbers.entry()
        within = _Within(span, LOG_ENTRY, is_outermost=True)
        result = self._header(span, place, within) if is_closed else self._form(span, place, within)
        yield from self._read(result, span, within, numbers)

    def is_container(self, span: Span) -> bool:
        """Tell whether a value is an array or a Bundle."""
        return self._buffer[span[0] : span[0] + 1] == b"[" or self._is_bundle(span)

    def _is_bundle(self, span: Span) -> bool:
        header = self._bundle_header(span, (0, "0"))
        return isinstance(header, Record) or header.is_bundle

    def _bundle_header(self, span: Span, place: Place) -> Header | Record:
        """Return the header of a value; a long value is gone through once only."""
        if self._header_of is None or self._header_of[0] != span:
            self._header_of = span, self._looked_at(header_of, place, span)
        return self._header_of[1]

    def _header(self, span: Span, place: Place, within: _Within) -> Record | Other:
        size = span[1] - span[0]
        if size > LONG_VALUE and self.is_container(span):
            return Other.ARRAY if self._buffer[span[0] : span[0] + 1] == b"[" else Other.BUNDLE
        if size <= MAX_RECORD_BYTES:
            raw = self._buffer[span[0] : span[1]]
            result = guarded(resource_record, raw, place, within.full_url, within.bundle)
            if result is not Other.NOT_JSON:
                return result
        return self._form(span, place, within)

    def _form(self, span: Span, place: Place, within: _Within) -> Record | Other:
        """Return what a text is that is broken, or too large for a record."""
        if within.is_outermost and self._buffer[span[0] : span[0] + 1] == b"[":
            return Other.ARRAY
        if self._buffer[span[0] : span[0] + 1] == b"{" and self._is_bundle(span):
            return Other.BUNDLE
        return guarded(_no_record, self._text(span), place, span)

    def _read(
        self, result: Record | Other, span: Span, within: _Within, numbers: Numbers
    ) -> Iterator[Found]:
        if result is Other.BUNDLE and within.depth < _DEEPEST:
            yield from self._bundle(span, within, numbers)
        elif result is Other.ARRAY and within.is_outermost:
            yield from self._array(span, numbers)
        elif result is Other.PASSED_OVER or _is_passed(result, within):
            self._ledger.pass_over(within.removable)
            numbers.count += 1
        elif isinstance(result, Other):
            refused = guarded(_out_of_place, self._text(span), numbers.entry(), result)
            yield self._found(refused, span, within, numbers)
        else:
            yield self._found(result, span, within, numbers)

    def _found(self, record: Record, span: Span, within: _Within, numbers: Numbers) -> Found:
        self._ledger.take(span)
        numbers.count += 1
        return Found(record, span, within.removable, within.instead)

    def _array(self, span: Span, numbers: Numbers) -> Iterator[Found]:
        last = span[0]
        try:
            for element in elements(self._buffer, *span):
                within = _Within(element, LOG_ENTRY)
                result = self._header(element, numbers.entry(), within)
                yield from self._read(result, element, within, numbers)
                last = element[1]
        except BrokenJson as fault:
            yield self._rest((last, span[1]), fault, numbers)

    def _bundle(self, span: Span, within: _Within, numbers: Numbers) -> Iterator[Found]:
        place = numbers.entry()
        header = self._bundle_header(span, place)
        if isinstance(header, Record):
            header = header._replace(line=place[0], entry=place[1])
            yield self._found(header, span, within, numbers)
            return
        inner = replace(
            within,
            bundle=f"{within.bundle}/{span[0]}" if within.bundle else str(span[0]),
            made_at=header.made_at,
            depth=within.depth + 1,
            is_outermost=False,
        )
        below = numbers if within.is_outermost else Numbers(within=place)
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
        if below is not numbers:
            numbers.count += 1

    def _entry(self, span: Span, bundle: _Within, numbers: Numbers) -> Iterator[Found]:
        place = numbers.entry()
        entry = self._looked_at(entry_of, place, span)
        if isinstance(entry, Record):
            yield self._found(entry, span, _Within(span, EMPTY_ENTRY), numbers)
        elif entry.deletes:
            at = entry.modified or bundle.made_at
            text, url = self._text(span), entry.url
            gone = guarded(tombstone_record, text, place, url, at, bundle.bundle)
            yield self._found(gone, span, _Within(span, EMPTY_ENTRY), numbers)
        elif entry.resource is None:
            self._ledger.pass_over(span)
            numbers.count += 1
        else:
            within = _Within(
                span,
                EMPTY_ENTRY,
                is_outcome=entry.is_outcome,
                full_url=entry.full_url,
                bundle=bundle.bundle,
                depth=bundle.depth,
            )
            result = self._header(entry.resource, place, within)
            yield from self._read(result, entry.resource, within, numbers)

    def _rest(self, span: Span, fault: BrokenJson, numbers: Numbers) -> Found:
        raw = self._buffer[span[0] : min(span[1], span[0] + QUARANTINED_TEXT_BYTES)]
        reason = f"the document breaks off: {fault}; entries before it were loaded"
        record = rejected(raw, numbers.entry(), "document_broken", reason)
        return self._found(record, span, _Within(span, b""), numbers)

    def _looked_at(
        self,
        read: Callable[[bytes, Place, Buffer, Span], _Read],
        place: Place,
        span: Span,
    ) -> _Read | Record:
        """Return what is read from the buffer itself; the text is fetched to be rejected only."""
        result = guarded(read, b"", place, self._buffer, span)
        if not isinstance(result, Record):
            return result
        return rejected(self._text(span), place, str(result.rule_id), str(result.reason))

    def _text(self, span: Span) -> bytes:
        """Return a span's bytes; of one too large to keep, just enough to be rejected by."""
        return self._buffer[span[0] : min(span[1], span[0] + MAX_RECORD_BYTES + 1)]


def _no_record(raw: bytes, place: Place, span: Span) -> Record:
    if span[1] - span[0] > MAX_RECORD_BYTES:
        raise too_large(span[1] - span[0])
    return not_json(raw, place)


def _out_of_place(raw: bytes, place: Place, result: Other) -> Record:
    if result is Other.BUNDLE:
        raise Rejected("record_unreadable", f"wanted Bundles in at most {_DEEPEST} Bundles")
    raise not_an_object("list")


def _is_passed(result: Record | Other, within: _Within) -> bool:
    """Tell whether a record is what a server says about a search."""
    is_outcome = isinstance(result, Record) and result.resource_type == OUTCOME
    return within.is_outcome and is_outcome
