"""The records of a feed file: each row typed and checked, or rejected with the rule it breaks."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from metriccare.sources.feeds.csv_fields import fields_of
from metriccare.sources.feeds.declarations import DELETE, OP, UPDATED_AT, FeedColumn, Kind
from metriccare.sources.feeds.layouts import Layout
from metriccare.sources.feeds.splitter import LONGEST_LINE, MOST_BYTES, RawRecord
from metriccare.sources.feeds.values import Canonical, Fault, Parse, parser_of

# 100,000 values: many columns have few values, and their texts are parsed once.
_MOST_KEPT = 100_000
# The end of the name under which the text of an amount is kept, where it is not the canonical one.
TEXT_SUFFIX = "_text"


class FeedRecord(NamedTuple):
    """One row as bronze stores it; `rule_id` is None for a row that is loaded."""

    raw: bytes
    line: int
    lines: int = 1
    record_id: str | None = None
    updated_at: datetime | None = None
    deleted: bool = False
    fields: bytes = b"{}"
    rule_id: str | None = None
    reason: str | None = None
    column: str | None = None


class _Kept(dict[str, Any]):
    """Canonical values by text as sent; a text that is not known yet is parsed."""

    def __init__(self, parse: Parse) -> None:
        super().__init__()
        self._parse = parse

    def __missing__(self, text: str) -> Any:
        value = self._parse(text)
        if len(self) < _MOST_KEPT:
            self[text] = value
        return value


class _Column(NamedTuple):
    """A column of the file: how its values are found and parsed."""

    declared: FeedColumn
    cell: int | None
    path: tuple[str, ...]
    const: str | None
    values: _Kept


class _Cells(NamedTuple):
    """A row that was split: its record, and the texts of its columns."""

    record: RawRecord
    texts: Sequence[str]


class RowReader:
    """Types the rows of one file. `zone` is the tenant's, for times without an offset."""

    def __init__(self, layout: Layout, zone: str) -> None:
        self._layout, self._feed = layout, layout.feed
        contract = layout.contract
        self._columns = [
            _Column(
                self._feed.column(bound.column),
                bound.cell,
                bound.path,
                contract.mapping(bound.column).const,
                _Kept(parser_of(self._feed.column(bound.column), contract, zone)),
            )
            for bound in layout.bound
        ]
        self._names = [column.declared.name for column in self._columns]
        self._money = frozenset(
            column.declared.name for column in self._columns if column.declared.kind is Kind.MONEY
        )
        self._header = list(layout.header)
        self._split: Callable[[RawRecord], Sequence[str]] = (
            self._csv_texts if layout.is_csv else self._json_texts
        )

    def read(self, records: Iterable[RawRecord]) -> list[FeedRecord]:
        """Return the rows of records, in order; blank lines are none."""
        rows: list[FeedRecord | _Cells] = []
        for record in records:
            if record.raw.strip(b" "):
                try:
                    rows.append(_Cells(record, self._split(record)))
                except _Broken as broken:
                    rows.append(_rejected(record, broken.fault))
        typed = iter(self._typed([row for row in rows if isinstance(row, _Cells)]))
        return [next(typed) if isinstance(row, _Cells) else row for row in rows]

    def _typed(self, rows: Sequence[_Cells]) -> Iterable[FeedRecord]:
        if not rows:
            return []
        by_column = zip(*(row.texts for row in rows), strict=True)
        values = [
            list(map(column.values.__getitem__, texts))
            for column, texts in zip(self._columns, by_column, strict=True)
        ]
        return map(self._row, rows, zip(*values, strict=True))

    def _row(self, row: _Cells, values: Sequence[Canonical | Fault]) -> FeedRecord:
        fields: dict[str, Any] = {
            name: value
            for name, value in zip(self._names, values, strict=True)
            if value is not None
        }
        for name, value in fields.items():
            if type(value) is Fault:
                return self._rejected_row(row.record, fields, name, value)
        deleted = fields.get(OP.name) == DELETE
        if (fault := self._incomplete(fields, deleted=deleted)) is not None:
            return self._rejected_row(row.record, fields, *fault)
        for check in self._feed.checks:
            if not deleted and check.breaks(fields):
                why = Fault(check.rule_id, check.reason)
                return self._rejected_row(row.record, fields, check.column, why)
        updated = fields.get(UPDATED_AT.name)
        record_id = self._record_id(fields)
        if self._money:
            self._keep_texts(row, fields)
        return FeedRecord(
            row.record.raw,
            row.record.line,
            row.record.lines,
            record_id,
            datetime.fromisoformat(updated).replace(tzinfo=UTC) if updated else None,
            deleted,
            orjson.dumps(fields),
        )

    def _rejected_row(
        self, record: RawRecord, fields: dict[str, Any], column: str, fault: Fault
    ) -> FeedRecord:
        """Return a row for quarantine; its good values say which person it belongs to."""
        good = {name: value for name, value in fields.items() if type(value) is not Fault}
        return _rejected(record, fault)._replace(
            record_id=self._record_id(good), fields=orjson.dumps(good), column=column
        )

    def _keep_texts(self, row: _Cells, fields: dict[str, Any]) -> None:
        """Keep the texts of amounts that were sent in another spelling."""
        for column, text in zip(self._columns, row.texts, strict=True):
            name = column.declared.name
            if name in self._money and name in fields and fields[name] != text:
                fields[f"{name}{TEXT_SUFFIX}"] = text

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
        if not all(isinstance(part, str) and type(part) is str for part in parts) or not parts[0]:
            return None
        return "|".join(part.replace("|", "%7C") if "|" in part else part for part in parts)

    def _csv_texts(self, record: RawRecord) -> Sequence[str]:
        """Return the texts of the file's columns in one row of CSV."""
        delimiter = self._layout.dialect.delimiter or ","
        text = self._text(record)
        cells = fields_of(text, delimiter) if record.has_quotes else text.split(delimiter)
        width = len(self._header)
        if len(cells) == width + 1 and not cells[-1]:
            # A delimiter after the last field.
            cells.pop()
        if len(cells) != width:
            raise _Broken("field_count", f"wanted {width} fields, found {len(cells)}")
        if cells == self._header:
            raise _Broken("header_repeated", "wanted a row, found the header once more")
        if len(text) > MOST_BYTES and max(map(len, cells)) > MOST_BYTES:
            raise _Broken("field_too_large", "wanted fields of at most 1 MiB, found a longer one")
        return [cells[c.cell] if c.cell is not None else c.const or "" for c in self._columns]

    def _json_texts(self, record: RawRecord) -> Sequence[str]:
        """Return the texts of the file's columns in one JSON object, numbers as written."""
        try:
            value = _JSON.decode(self._text(record).strip())
        except (ValueError, RecursionError) as error:
            raise _Broken("json_invalid", "wanted one JSON object, found a fault") from error
        if not isinstance(value, dict):
            raise _Broken("not_an_object", "wanted a JSON object, found another value")
        texts = []
        for column in self._columns:
            found = c if (c := column.const) is not None else _at(value, column.path)
            text = _text_of(found, self._layout.contract.mapping(column.declared.name).split)
            if text is None:
                name = column.declared.name
                raise _Broken("value_invalid", f"{name}: wanted a value or a list, found an object")
            texts.append(text)
        return texts

    def _text(self, record: RawRecord) -> str:
        raw = record.raw
        if len(raw) > LONGEST_LINE:
            raise _Broken("record_too_large", "wanted at most 64 MiB, found a longer line")
        if record.is_open:
            raise _Broken("quote_unclosed", "wanted a closing quote, found none")
        if b"\0" in raw:
            raise _Broken("nul_byte", f"wanted no NUL byte, found one at {raw.index(0) + 1}")
        try:
            return raw.decode(self._layout.decoder)
        except UnicodeDecodeError as error:
            encoding = self._layout.encoding.upper()
            reason = f"wanted {encoding}, found another byte at position {error.start + 1}"
            raise _Broken("encoding_invalid", reason) from error


class _Broken(Exception):
    """A record is no row."""

    def __init__(self, rule_id: str, reason: str) -> None:
        super().__init__(reason)
        self.fault = Fault(rule_id, reason)


# Numbers stay the text they are: an amount never becomes a binary number.
_JSON = json.JSONDecoder(parse_float=str, parse_int=str)


def _at(value: Any, path: Sequence[str]) -> Any:
    """Return the value of a name with dots in it, or at the end of a path of keys."""
    joined = ".".join(path)
    if isinstance(value, dict) and joined in value:
        return value[joined]
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def _text_of(value: Any, separator: str) -> str | None:
    """Return a JSON value as text; None for an object or a list of such."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return separator.join(value)
    return value if isinstance(value, str) else None


def _rejected(record: RawRecord, fault: Fault) -> FeedRecord:
    return FeedRecord(
        record.raw, record.line, record.lines, rule_id=fault.rule_id, reason=fault.reason
    )
