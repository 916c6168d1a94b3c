"""Contracts: how one sender spells a feed. They are read from `feeds.toml`.

Without an entry there the canonical spelling of a feed is its contract: a header of its column
names, ISO dates, plain decimal amounts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from metriccare.errors import UsageError
from metriccare.settings import Settings
from metriccare.sources.feeds.declarations import Feed
from metriccare.sources.feeds.registry import BY_NAME, FEEDS
from metriccare.typed_tables import read_table, wanted

CSV, NDJSON = "csv", "ndjson"
UTF_8, UTF_16 = "utf-8", "utf-16"
ENCODINGS = (UTF_8, "windows-1252", "iso-8859-1", UTF_16)
DELIMITERS = (",", ";", "\t", "|")
ISO = "iso"
CENTS, ACCOUNTING = "cents", "accounting"
REJECT, KEEP = "reject", "keep"


def _one_of(*words: str) -> Any:
    listed = ", ".join(repr(word) for word in words)
    return Annotated[str, wanted(f"one of {listed}", holds=words.__contains__)]


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


Text = Annotated[str, wanted("text")]
Texts = Annotated[tuple[str, ...], wanted("a list of texts")]
Zone = Annotated[str, wanted("an IANA time zone", holds=_is_zone)]


@dataclass(frozen=True)
class ColumnMapping:
    """How a sender spells one column.

    `sources` are the names its header may have, or paths into a JSON object. A word that `words`
    does not map is rejected, or kept as it is. `pad` is the length to which zeros are put in front.
    """

    sources: tuple[str, ...] = ()
    const: str | None = None
    unit: str | None = None
    words: Mapping[str, str] = field(default_factory=dict)
    unmapped: str = REJECT
    split: str = "|"
    trim: bool = True
    pad: int = 0


@dataclass(frozen=True)
class Contract:
    """How one sender spells a feed.

    `match` are patterns of file names below the tenant's folder; a canonical contract has none,
    because its files are known by the feed's name. None for `delimiter`, `encoding` and `format`
    means that the file shows which it is.
    """

    name: str
    feed: Feed
    version: int = 1
    tenants: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    format: str | None = None
    delimiter: str | None = None
    encoding: str | None = None
    dates: tuple[str, ...] = (ISO,)
    zone: str | None = None
    decimal: str = "."
    thousands: str = ""
    money: str = "plain"
    null: tuple[str, ...] = ("",)
    columns: Mapping[str, ColumnMapping] = field(default_factory=dict)

    def mapping(self, column: str) -> ColumnMapping:
        """Return how a column is spelled; its canonical name unless the contract says otherwise."""
        given = self.columns.get(column, ColumnMapping())
        if given.sources or given.const is not None:
            return given
        return ColumnMapping(**{**vars(given), "sources": (column,)})


CANONICAL: tuple[Contract, ...] = tuple(Contract(feed.name, feed) for feed in FEEDS)


@dataclass(frozen=True)
class _Entry:
    """One entry of `feeds.toml`, as its keys are checked."""

    canonical: _one_of(*BY_NAME)  # type: ignore[valid-type]
    match: Texts
    version: Annotated[int, wanted("a number from 1", ge=1)] = 1
    tenants: Texts = ()
    format: _one_of(CSV, NDJSON) | None = None  # type: ignore[valid-type]
    delimiter: _one_of(*DELIMITERS) | None = None  # type: ignore[valid-type]
    encoding: _one_of(*ENCODINGS) | None = None  # type: ignore[valid-type]
    dates: Texts = (ISO,)
    zone: Zone | None = None
    decimal: _one_of(".", ",") = "."  # type: ignore[valid-type]
    thousands: _one_of("", ",", ".", " ", "'") = ""  # type: ignore[valid-type]
    money: _one_of("plain", ACCOUNTING) = "plain"  # type: ignore[valid-type]
    null: Texts = ("",)
    mode: _one_of("delta") = "delta"  # type: ignore[valid-type]
    columns: Annotated[dict[str, Any], wanted("a table of columns")] = field(default_factory=dict)


@dataclass(frozen=True)
class _MappingEntry:
    """The table of one column, as its keys are checked; `from` is read apart."""

    const: Text | None = None
    unit: _one_of(CENTS) | None = None  # type: ignore[valid-type]
    map: Annotated[dict[str, str], wanted("a table of words")] = field(default_factory=dict)
    unmapped: _one_of(REJECT, KEEP) = REJECT  # type: ignore[valid-type]
    split: Annotated[str, wanted("one character", min_length=1, max_length=1)] = "|"
    trim: Annotated[bool, wanted("true or false")] = True
    pad: Annotated[int, wanted("a number of characters", ge=0)] = 0


def contracts_of(settings: Settings) -> tuple[Contract, ...]:
    """Return the contracts that the settings' feeds file declares; none without one."""
    return read_contracts(settings.feeds.text, settings.feeds.path) if settings.feeds else ()


def read_contracts(text: str, where: str) -> tuple[Contract, ...]:
    """Return the contracts of a `feeds.toml`, in its order; UsageError says what is wrong in it."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{where} is not valid TOML: {error}.") from error
    unknown = sorted(set(document) - {"feed"})
    if unknown:
        raise UsageError(f"{where}: unknown section [{unknown[0]}]; known: [feed.NAME].")
    entries = document.get("feed", {})
    if not isinstance(entries, dict):
        raise UsageError(
            f"{where}: [feed] wants a table for each feed, such as [feed.acme_claims]."
        )
    return tuple(_contract(name, entry, where) for name, entry in entries.items())


def _contract(name: str, entry: object, where: str) -> Contract:
    section = f"feed.{name}"
    if name in BY_NAME:
        raise UsageError(f"{where}: [{section}] has the name of a canonical feed; choose another.")
    read = read_table(entry, _Entry, where, section)
    if not read.match:
        raise UsageError(f"{where}: match in [{section}] wants a pattern such as 'acme/*.csv'.")
    feed = BY_NAME[read.canonical]
    settings = {key: value for key, value in vars(read).items() if key not in _NOT_KEPT}
    columns = {
        column: _mapping(column, value, feed, f"{where}: [{section}.columns] ")
        for column, value in read.columns.items()
    }
    return Contract(name, feed, **{**settings, "columns": columns})


_NOT_KEPT = frozenset({"canonical", "mode", "columns"})


def _mapping(column: str, value: object, feed: Feed, where: str) -> ColumnMapping:
    known = [each.name for each in feed.columns]
    if column not in known:
        raise UsageError(f"{where}unknown column {column!r}; {feed.name} has: {', '.join(known)}.")
    if not isinstance(value, dict):
        return ColumnMapping(sources=_sources(value, f"{where}{column}"))
    given = {**value}
    sources = _sources(given.pop("from", ()), f"{where}{column}")
    read = read_table(given, _MappingEntry, f"{where}{column}")
    settings = {key: each for key, each in vars(read).items() if key != "map"}
    if sources and read.const is not None:
        raise UsageError(f"{where}{column} wants `from` or `const`, found both.")
    return ColumnMapping(sources=sources, words=read.map, **settings)


def _sources(value: object, where: str) -> tuple[str, ...]:
    names = (value,) if isinstance(value, str) else value
    if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
        raise UsageError(f"{where} wants the sender's name of the column, or a list of names.")
    return tuple(names)
