"""The text of a value as sent -> its canonical text, or the fault that rejects its row.

Canonical: dates `YYYY-MM-DD`, instants in UTC, amounts and numbers as plain decimals of at most 12
places, integers in digits, `true` and `false`, lists as lists. Nothing is guessed: a text that the
contract does not allow is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import NamedTuple
from zoneinfo import ZoneInfo

from metriccare.sources.feeds.contracts import ACCOUNTING, CENTS, ISO, KEEP, ColumnMapping, Contract
from metriccare.sources.feeds.declarations import FeedColumn, Kind

AMOUNT_INVALID, NUMBER_INVALID, DATE_INVALID = "amount_invalid", "number_invalid", "date_invalid"
TIME_INVALID, BOOLEAN_INVALID = "time_invalid", "boolean_invalid"

_PLAIN = re.compile(r"-?[0-9]{1,26}(?:\.[0-9]{1,12})?")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MONTH = re.compile(r"[0-9]{4}-[0-9]{2}")
_ISO_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?"
    r"(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_TRUE, _FALSE = frozenset({"true", "1", "y"}), frozenset({"false", "0", "n"})
_PLACES = Decimal("1e-12")
# decimal(38,12) has 26 digits before the point.
_LIMIT = Decimal(10) ** 26


class Fault(NamedTuple):
    """Why a value rejects its row: the rule, and what was wanted and found, without content."""

    rule_id: str
    reason: str


Canonical = str | list[str] | None
Parse = Callable[[str], Canonical | Fault]


def parser_of(column: FeedColumn, contract: Contract, tenant_zone: str) -> Parse:
    """Return what makes canonical texts of a column's values in one sender's spelling."""
    mapping = contract.mapping(column.name)
    zone = ZoneInfo(contract.zone or tenant_zone)
    parse = _of_kind(column, mapping, contract, zone)
    nulls = frozenset(contract.null) | {""}

    def parse_value(text: str) -> Canonical | Fault:
        value = text.strip() if mapping.trim else text
        if value in nulls:
            return None
        if mapping.words:
            mapped = mapping.words.get(value)
            if mapped is None and mapping.unmapped != KEEP:
                return _unknown(column, "the words that the contract maps")
            value = value if mapped is None else mapped
        return parse(value.rjust(mapping.pad, "0"))

    return parse_value


def is_plain_text(column: FeedColumn, contract: Contract) -> bool:
    """Return True if a column's values are kept as they are, apart from spaces around them."""
    mapping = contract.mapping(column.name)
    is_as_sent = mapping.trim and not mapping.words and not mapping.pad
    return column.kind is Kind.TEXT and not column.words and is_as_sent


def _of_kind(
    column: FeedColumn, mapping: ColumnMapping, contract: Contract, zone: ZoneInfo
) -> Parse:
    parsers: dict[Kind, Parse] = {
        Kind.INTEGER: lambda text: _integer(column, text),
        Kind.DATE: lambda text: _date(column, text, contract.dates),
        Kind.MONTH: lambda text: _month(column, text, contract.dates),
        Kind.TIMESTAMP: lambda text: _instant(column, text, contract.dates, zone),
        Kind.BOOLEAN: lambda text: _boolean(column, text),
        Kind.LIST: lambda text: [part for p in text.split(mapping.split) if (part := p.strip())],
    }
    if column.kind in (Kind.MONEY, Kind.NUMBER):
        return _decimals(column, mapping, contract)
    return parsers.get(column.kind, _words(column) if column.words else lambda text: text)


def _words(column: FeedColumn) -> Parse:
    """Return the parser of a column with allowed words; their letters' case does not matter."""
    known = {word.lower(): word for word in column.words}
    unknown = _unknown(column, "one of " + ", ".join(column.words))
    return lambda text: known.get(text.lower(), unknown)


def _unknown(column: FeedColumn, wanted: str) -> Fault:
    return Fault(column.unknown_rule, f"{column.name}: wanted {wanted}; found another word")


def _decimals(column: FeedColumn, mapping: ColumnMapping, contract: Contract) -> Parse:
    is_money = column.kind is Kind.MONEY
    wanted = "an amount such as 1234.50" if is_money else "a number such as 2 or 1.5"
    fault = Fault(
        AMOUNT_INVALID if is_money else NUMBER_INVALID,
        f"{column.name}: wanted {wanted}, found another text",
    )
    is_plain = contract.decimal == "." and not mapping.unit
    accounting = is_money and contract.money == ACCOUNTING

    def parse(text: str) -> Canonical | Fault:
        if is_plain and _PLAIN.fullmatch(text):
            return text
        if accounting:
            text = _without_accounting(text)
        if contract.thousands:
            text = text.replace(contract.thousands, "")
        if contract.decimal != ".":
            # A point would be read as the decimal sign.
            text = text.replace(".", "?").replace(contract.decimal, ".")
        value = _decimal(text)
        if value is None:
            return fault
        return _plain_text(value.scaleb(-2) if mapping.unit == CENTS else value) or fault

    return parse


def _without_accounting(text: str) -> str:
    """Return `(1,234.50)`, `1234.50-` or `$1,234.50` as a plain amount."""
    text = text.replace("$", "").replace(",", "").strip()
    if text.startswith("(") and text.endswith(")"):
        return f"-{text[1:-1].strip()}"
    return f"-{text[:-1].strip()}" if text.endswith("-") else text


def _decimal(text: str) -> Decimal | None:
    if not _NUMBER.fullmatch(text) or not text.isascii():
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _plain_text(value: Decimal) -> str | None:
    """Return a decimal without an exponent, of at most 12 places; None if it is too large."""
    if abs(value) >= _LIMIT:
        return None
    if value.as_tuple().exponent < -12:  # type: ignore[operator]
        # Binary noise such as 108.80000000000001 is rounded away.
        value = Decimal(value).quantize(_PLACES, ROUND_HALF_UP)
    return f"{value:f}"


def _integer(column: FeedColumn, text: str) -> Canonical | Fault:
    if not _INTEGER.fullmatch(text) or not text.isascii():
        return Fault(NUMBER_INVALID, f"{column.name}: wanted a whole number, found another text")
    return str(int(text))


def _parsed_date(text: str, formats: tuple[str, ...]) -> date | None:
    for spelled in formats:
        if spelled == ISO and not (_ISO_DATE.fullmatch(text) and text.isascii()):
            continue
        try:
            if spelled == ISO:
                return date.fromisoformat(text)
            return datetime.strptime(text, spelled).date()  # noqa: DTZ007 - a date has no zone
        except ValueError:
            continue
    return None


def _date(column: FeedColumn, text: str, formats: tuple[str, ...]) -> Canonical | Fault:
    parsed = _parsed_date(text, formats)
    if parsed is None:
        wanted = " or ".join("2024-01-31" if f == ISO else f for f in formats)
        return Fault(
            DATE_INVALID, f"{column.name}: wanted a date as {wanted}, found another text or day"
        )
    return parsed.isoformat()


def _month(column: FeedColumn, text: str, formats: tuple[str, ...]) -> Canonical | Fault:
    if _MONTH.fullmatch(text) and text.isascii():
        text, formats = f"{text}-01", (ISO,)
    parsed = _parsed_date(text, formats)
    if parsed is None:
        return Fault(DATE_INVALID, f"{column.name}: wanted a month as 2024-01, found another text")
    return parsed.replace(day=1).isoformat()


def _instant(
    column: FeedColumn, text: str, formats: tuple[str, ...], zone: ZoneInfo
) -> Canonical | Fault:
    instant = _parsed_instant(text, formats)
    try:
        if instant is not None:
            instant = instant if instant.tzinfo else instant.replace(tzinfo=zone)
            return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    except OverflowError:
        pass
    return Fault(
        TIME_INVALID,
        f"{column.name}: wanted a time as 2024-01-31T08:00:00-05:00, found another text",
    )


def _parsed_instant(text: str, formats: tuple[str, ...]) -> datetime | None:
    if _ISO_TIME.fullmatch(text) and text.isascii():
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return None
    for spelled in (f for f in formats if f != ISO):
        try:
            return datetime.strptime(text, spelled)  # noqa: DTZ007 - the caller knows the zone
        except ValueError:
            continue
    return None


def _boolean(column: FeedColumn, text: str) -> Canonical | Fault:
    word = text.lower()
    if word in _TRUE or word in _FALSE:
        return "true" if word in _TRUE else "false"
    return Fault(BOOLEAN_INVALID, f"{column.name}: wanted true or false, found another text")
