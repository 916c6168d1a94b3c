"""The records of a feed file: each row typed and checked, or rejected with the rule it breaks."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from metriccare.sources.feeds.column_values import MOST_KEPT, cells_of, column_of
from metriccare.sources.feeds.csv_fields import fields_of
from metriccare.sources.feeds.declarations import DELETE, OP, TEXT_SUFFIX, UPDATED_AT, Kind
from metriccare.sources.feeds.json_values import JSON, text_of, value_at
from metriccare.sources.feeds.layouts import Layout
from metriccare.sources.feeds.splitter import LONGEST_LINE, MOST_BYTES, RawRecord
from metriccare.sources.feeds.values import Canonical, Fault
from metriccare.sources.record import Rejected


class FeedRecord(NamedTuple):
    """One row as bronze stores it; `rule_id` is None for a row that is loaded."""

    raw: bytes
    line: int
    record_type: str | None = None
    record_id: str | None = None
    updated_at: datetime | None = None
    deleted: bool = False
    fields: bytes = b"{}"
    rule_id: str | None = None
    reason: str | None = None
    column: str | None = None


class RowReader:
    """Types the rows of one file. `zone` is the tenant's, for times without an offset."""

    def __init__(self, layout: Layout, zone: str) -> None:
        self._layout, self._feed = layout, layout.feed
        self._columns = [column_of(bound, layout.contract, zone) for bound in layout.bound]
        self._names = [column.declared.name for column in self._columns]
        self._money = [
            (position, column.declared.name, f"{column.declared.name}{TEXT_SUFFIX}")
            for position, column in enumerate(self._columns)
            if column.declared.kind is Kind.MONEY
        ]
        self._required = frozenset(self._feed.required)
        self._header = list(layout.header)
        self._delimiter, self._decoder = layout.dialect.delimiter or ",", layout.decoder
        self._cells = cells_of(self._columns)
        self._times: dict[str, datetime] = {}
        self._split: Callable[[RawRecord], Sequence[str]] = (
            self._csv_texts if layout.is_csv else self._json_texts
        )

    def read(self, records: Iterable[RawRecord]) -> list[FeedRecord]:
        """Return the rows of records, in order; blank lines are none."""
        given: list[RawRecord] = []
        texts: list[Sequence[str]] = []
        broken: list[FeedRecord] = []
        for record in records:
            if record.raw and record.raw.strip(b" "):
                try:
                    texts.append(self._split(record))
                except Rejected as fault:
                    broken.append(_rejected(record, self._feed.name, fault))
                else:
                    given.append(record)
        typed = self._typed(given, texts)
        return sorted((*typed, *broken), key=_line_of) if broken else typed

    def _typed(
        self, records: Sequence[RawRecord], texts: Sequence[Sequence[str]]
    ) -> list[FeedRecord]:
        """Return the rows of records that were split, from the texts of their columns."""
        if not records:
            return []
        by_column = zip(*texts, strict=True)
        values = [
            column.values.all_of(some)
            for column, some in zip(self._columns, by_column, strict=True)
        ]
        suspects = [n for n, column in enumerate(self._columns) if column.values.has_faults]
        return [
            self._row(record, sent, found, suspects)
            for record, sent, found in zip(records, texts, zip(*values, strict=True), strict=True)
        ]

    def _row(
        self,
        record: RawRecord,
        texts: Sequence[str],
        values: Sequence[Canonical | Fault],
        suspects: Sequence[int],
    ) -> FeedRecord:
        fields: dict[str, Any] = {
            name: value
            for name, value in zip(self._names, values, strict=True)
            if value is not None
        }
        for position in suspects:
            if type(fault := values[position]) is Fault:
                return self._rejected_row(record, fields, self._names[position], fault)
        deleted = fields.get(OP.name) == DELETE
        if deleted or not fields.keys() >= self._required or self._feed.one_of:
            missing = self._incomplete(fields, deleted=deleted)
            if missing is not None:
                return self._rejected_row(record, fields, *missing)
        for check in self._feed.checks:
            if not deleted and check.breaks(fields):
                why = Fault(check.rule_id, check.reason)
                return self._rejected_row(record, fields, check.column, why)
        record_id = self._record_id(fields)
        updated = fields.get(UPDATED_AT.name)
        for position, name, text_name in self._money:
            # The text of an amount that was sent in another spelling is kept.
            if name in fields and fields[name] != texts[position]:
                fields[text_name] = texts[position]
        return FeedRecord(
            record.raw,
            record.line,
            self._feed.name,
            record_id,
            self._time(updated) if updated else None,
            deleted,
            orjson.dumps(fields),
        )

    def _time(self, text: str) -> datetime:
        """Return a canonical time; many rows have the same."""
        found = self._times.get(text)
        if found is None:
            found = datetime.fromisoformat(text).replace(tzinfo=UTC)
            if len(self._times) < MOST_KEPT:
                self._times[text] = found
        return found

    def _rejected_row(
        self, record: RawRecord, fields: dict[str, Any], column: str, fault: Fault
    ) -> FeedRecord:
        """Return a row for quarantine; its good values say which person it belongs to."""
        good = {name: value for name, value in fields.items() if type(value) is not Fault}
        why = Rejected(fault.rule_id, fault.reason)
        return _rejected(record, self._feed.name, why)._replace(
            record_id=self._record_id(good), fields=orjson.dumps(good), column=column
        )

    def _incomplete(self, fields: dict[str, Any], *, deleted: bool) -> tuple[str, Fault] | None:
        """Return the column without a required value; a deleted row needs its key only."""
        feed = self._feed
        for name in feed.required:
            if name not in fields and (not deleted or name in feed.key):
                rule = feed.column(name).missing_rule
                return name, Fault(rule, f"{name}: wanted a value, found none")
        if feed.one_of and not deleted and not any(name in fields for name in feed.one_of):
            wanted = " or ".join(feed.one_of)
            return feed.one_of[0], Fault("value_missing", f"{wanted}: wanted a value, found none")
        return None

    def _record_id(self, fields: dict[str, Any]) -> str | None:
        """Return the values of the key, joined; None if a required one is missing."""
        parts = [fields.get(name, "") for name in self._feed.key]
        if not parts[0]:
            return None
        joined = "|".join(parts)
        if joined.count("|") >= len(parts):
            joined = "|".join(part.replace("|", "%7C") for part in parts)
        return joined

    def _csv_texts(self, record: RawRecord) -> Sequence[str]:
        """Return the texts of the file's columns in one row of CSV."""
        delimiter, text = self._delimiter, self._text(record)
        cells = fields_of(text, delimiter) if record.has_quotes else text.split(delimiter)
        width = len(self._header)
        if len(cells) == width + 1 and not cells[-1]:
            # A delimiter after the last field.
            cells.pop()
        if len(cells) != width:
            raise Rejected("field_count", f"wanted {width} fields, found {len(cells)}")
        if cells == self._header:
            raise Rejected("header_repeated", "wanted a row, found the header once more")
        if len(text) > MOST_BYTES and max(map(len, cells)) > MOST_BYTES:
            raise Rejected("field_too_large", "wanted fields of at most 1 MiB, found a longer one")
        return self._cells(cells)

    def _json_texts(self, record: RawRecord) -> Sequence[str]:
        """Return the texts of the file's columns in one JSON object, numbers as written."""
        try:
            value = JSON.decode(self._text(record).strip())
        except (ValueError, RecursionError) as error:
            raise Rejected("json_invalid", "wanted one JSON object, found a fault") from error
        if not isinstance(value, dict):
            raise Rejected("not_an_object", "wanted a JSON object, found another value")
        texts = []
        for column in self._columns:
            found = c if (c := column.const) is not None else value_at(value, column.path)
            text = text_of(found, column.split)
            if text is None:
                name = column.declared.name
                raise Rejected(
                    "value_invalid", f"{name}: wanted a value or a list, found an object"
                )
            texts.append(text)
        return texts

    def _text(self, record: RawRecord) -> str:
        """Return a record's text; Rejected if it has none."""
        raw = record.raw
        if len(raw) > LONGEST_LINE:
            raise Rejected("record_too_large", "wanted at most 64 MiB, found a longer line")
        if record.is_open:
            raise Rejected("quote_unclosed", "wanted a closing quote, found none")
        if b"\0" in raw:
            raise Rejected("nul_byte", f"wanted no NUL byte, found one at {raw.index(0) + 1}")
        try:
            return raw.decode(self._decoder)
        except UnicodeDecodeError as error:
            encoding = self._layout.encoding.upper()
            reason = f"wanted {encoding}, found another byte at position {error.start + 1}"
            raise Rejected("encoding_invalid", reason) from error


def _line_of(row: FeedRecord) -> int:
    return row.line


def _rejected(record: RawRecord, feed: str, why: Rejected) -> FeedRecord:
    return FeedRecord(record.raw, record.line, feed, rule_id=why.rule_id, reason=why.reason)
