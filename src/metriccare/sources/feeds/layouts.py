"""The layout of one file: its contract, its dialect, and which header cell is which column."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from metriccare.sources.feeds.contracts import CSV, NDJSON, UTF_8, Contract
from metriccare.sources.feeds.declarations import Feed
from metriccare.sources.feeds.splitter import Dialect, Place


@dataclass(frozen=True)
class Bound:
    """One column that a file has: its name, and where its value is.

    `cell` is the position in the header; of JSON lines `path` are the keys down to the value. A
    constant has neither.
    """

    column: str
    cell: int | None = None
    path: tuple[str, ...] = ()


@dataclass(frozen=True)
class Layout:
    """How one file is read. `first` is where its first row starts; `unknown` are unread columns."""

    contract: Contract
    format: str
    dialect: Dialect
    encoding: str
    header: tuple[str, ...]
    bound: tuple[Bound, ...]
    unknown: tuple[str, ...]
    first: Place

    @property
    def feed(self) -> Feed:
        """Return the feed its rows are of."""
        return self.contract.feed

    @property
    def is_csv(self) -> bool:
        """Return True for CSV, False for JSON lines."""
        return self.format == CSV

    @property
    def decoder(self) -> str:
        """Return the encoding of the bytes that are read: UTF-16 is converted before."""
        return self.encoding if self.encoding in _SINGLE_BYTE else UTF_8

    @property
    def layout_id(self) -> str:
        """Return what identifies the layout: its header, its dialect and its contract."""
        words = (
            self.contract.name,
            str(self.contract.version),
            self.format,
            self.dialect.delimiter or "",
            self.encoding,
            *self.header,
        )
        return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the column that each header cell is, empty for unread ones."""
        by_cell = {bound.cell: bound.column for bound in self.bound}
        by_path = {".".join(bound.path): bound.column for bound in self.bound if bound.path}
        return tuple(
            by_cell.get(position, by_path.get(name, ""))
            for position, name in enumerate(self.header)
        )


_SINGLE_BYTE = frozenset({"windows-1252", "iso-8859-1"})


class NoFit(Exception):
    """A file does not have what a contract wants; the message says what."""


def folded(name: str) -> str:
    """Return a header name without what does not matter: case, spaces, `_`, byte order mark."""
    return "".join(name.replace("\ufeff", "").lower().replace("_", " ").split())


def bound_columns(contract: Contract, header: Sequence[str], fmt: str) -> tuple[Bound, ...]:
    """Return the columns of a contract that a header has; NoFit if a required one is missing.

    Also NoFit if a wanted name is twice in the header.
    """
    cells: dict[str, list[int]] = {}
    for position, name in enumerate(header):
        cells.setdefault(folded(name), []).append(position)
    found, missing = [], []
    for column in contract.feed.columns:
        mapping = contract.mapping(column.name)
        if mapping.const is not None:
            found.append(Bound(column.name))
            continue
        named = [(s, cells[folded(s)]) for s in mapping.sources if folded(s) in cells]
        positions = sorted({position for _, some in named for position in some})
        if len(positions) > 1:
            raise NoFit(f"column {column.name} is in the header {len(positions)} times")
        if positions:
            path = tuple(header[positions[0]].split(".")) if fmt == NDJSON else ()
            cell = None if fmt == NDJSON else positions[0]
            found.append(Bound(column.name, cell, path))
        elif column.required:
            missing.append(column.name)
    _check(contract.feed, found, missing)
    return tuple(found)


def _check(feed: Feed, found: Sequence[Bound], missing: Sequence[str]) -> None:
    if missing:
        raise NoFit(f"missing: {', '.join(missing)}")
    names = {bound.column for bound in found}
    if feed.one_of and names.isdisjoint(feed.one_of):
        raise NoFit(f"missing: {' or '.join(feed.one_of)}")
