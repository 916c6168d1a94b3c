"""Which contract a file is read with: chosen by its name, confirmed by its header.

Content that is FHIR is FHIR, whatever the file's name. Nothing is guessed: a file that no contract
fits, or several, is unreadable, with a sentence that says what was wanted and found.
"""

from __future__ import annotations

import codecs
import io
import json
from collections.abc import Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

from metriccare.causes import printable
from metriccare.errors import UnreadableFile
from metriccare.sources.feeds.contracts import (
    CANONICAL,
    CSV,
    DELIMITERS,
    NDJSON,
    UTF_8,
    UTF_16,
    Contract,
)
from metriccare.sources.feeds.csv_fields import fields_of
from metriccare.sources.feeds.layouts import Layout, NoFit, bound_columns, folded
from metriccare.sources.feeds.splitter import Dialect, Place, RawRecord, Splitter

# What is looked at of a file; a header is far shorter.
HEAD_BYTES = 64 * 2**10
ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".tsv.gz", ".txt.gz")
_MARK = codecs.BOM_UTF8
_UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_RESOURCE_TYPE = b'"resourceType"'
# A folder of this name and a contract's says how the files in it are read.
_NAMED_FOLDER = "feed="
# As many names as a sentence can hold.
_NAMED = 30
# Rows of JSON whose names make the header: a row may leave out what is null.
_SAMPLED = 100


def has_table_ending(name: str) -> bool:
    """Return True if a name ends as a file of rows does."""
    return name.lower().endswith(ENDINGS)


def named_contracts(name: str, tenant: str, contracts: Sequence[Contract]) -> list[Contract]:
    """Return the contracts whose files a name belongs to.

    A folder `feed=NAME` names the contract, then a pattern of `feeds.toml`. Else the name, or the
    folder it is in, is a feed's: `claims.csv`, `claims_2024.csv`, `claims/part-1.csv`.
    """
    own = [c for c in contracts if not c.tenants or tenant in c.tenants]
    if (named := _named_in(name)) is not None:
        return [c for c in (*own, *CANONICAL) if c.name == named]
    matching = [c for c in own if any(_matches(name, pattern) for pattern in c.match)]
    if matching:
        return matching
    path = PurePosixPath(name.lower())
    stem = path.name.partition(".")[0]
    by_file = [
        c for c in CANONICAL if stem == c.name or stem.startswith((f"{c.name}_", f"{c.name}-"))
    ]
    return by_file or [c for c in CANONICAL if c.name in path.parts[:-1]]


def _named_in(name: str) -> str | None:
    """Return the contract that a folder `feed=NAME` of a path names; None without one."""
    folders = name.split("/")[:-1]
    return next(
        (f.removeprefix(_NAMED_FOLDER) for f in folders if f.startswith(_NAMED_FOLDER)), None
    )


def with_feed(name: str, feed: str) -> str:
    """Return a file's name that says which contract it is read with."""
    return f"{_NAMED_FOLDER}{feed}/{name}"


def _matches(name: str, pattern: str) -> bool:
    """Return True if the name, or the end of its path, has a pattern."""
    parts = name.split("/")
    return any(fnmatchcase("/".join(parts[start:]), pattern) for start in range(len(parts)))


def may_be_feed(name: str, tenant: str, contracts: Sequence[Contract]) -> bool:
    """Return True if a file with this name may have rows; its content decides."""
    return has_table_ending(name) or bool(named_contracts(name, tenant, contracts))


def is_feed(name: str, head: bytes) -> bool:
    """Return True if the beginning of a file that `may_be_feed` is not FHIR."""
    start = _plain_head(head).removeprefix(_MARK).lstrip()
    if start[:1] in (b"{", b"["):
        return start[:1] == b"{" and _RESOURCE_TYPE not in start
    return has_table_ending(name) or _named_in(name) is not None


def _plain_head(head: bytes) -> bytes:
    """Return the beginning of a file as UTF-8 where it is UTF-16; else unchanged."""
    if not head.startswith(_UTF_16_MARKS):
        return head
    return codecs.getincrementaldecoder("utf-16")().decode(head).encode()


def layout_of(
    name: str, tenant: str, head: bytes, contracts: Sequence[Contract], chosen: str | None = None
) -> Layout:
    """Return the layout of a file of rows; UnreadableFile says why no contract fits, or several.

    `chosen` is the name of the contract that a person named.
    """
    if chosen is not None:
        candidates = [c for c in (*contracts, *CANONICAL) if c.name == chosen]
        if not candidates:
            raise UnreadableFile(f"feed_unknown: there is no feed {chosen!r}")
    else:
        candidates = named_contracts(name, tenant, contracts)
    if not candidates:
        listed = ", ".join(contract.name for contract in CANONICAL)
        raise UnreadableFile(
            "feed_unknown: its name is none of a feed. Name it after a feed, such as claims.csv, or"
            f" declare a contract in feeds.toml (docs/feeds.md). Feeds: {listed}"
        )
    fitting, refused = [], []
    for contract in candidates:
        try:
            fitting.append(_layout(contract, head))
        except NoFit as why:
            refused.append(f"{contract.name}: {why}")
    if len(fitting) > 1:
        names = ", ".join(layout.contract.name for layout in fitting)
        raise UnreadableFile(
            f"feed_ambiguous: the contracts {names} fit. Change `match` in feeds.toml so that one"
            " does"
        )
    if not fitting:
        raise UnreadableFile(f"feed_unknown: no contract fits; {'; '.join(refused)}")
    return fitting[0]


def _layout(contract: Contract, head: bytes) -> Layout:
    encoding = contract.encoding or (UTF_16 if head.startswith(_UTF_16_MARKS) else UTF_8)
    plain = _plain_head(head)
    start = len(_MARK) if plain.startswith(_MARK) else 0
    is_json = plain[start:].lstrip()[:1] == b"{"
    fmt = contract.format or (NDJSON if is_json else CSV)
    line_end = b"\n" if b"\n" in plain or b"\r" not in plain else b"\r"
    base = Layout(contract, fmt, Dialect(None, line_end), encoding, (), (), (), Place(start, 1))
    if fmt == NDJSON:
        return _with_columns(base, _json_names(plain[start:]))
    return _csv_layout(base, plain)


def _csv_layout(base: Layout, plain: bytes) -> Layout:
    """Return the layout with what the first line that is not blank says."""
    whole = Dialect(base.contract.delimiter or ",", base.dialect.line_end)
    splitter = Splitter(io.BytesIO(plain), whole, base.first, len(plain))
    byte, line = base.first
    first: RawRecord | None = None
    for record in (record for block in splitter.blocks() for record in block):
        byte, line = byte + record.size, line + record.lines
        if record.raw.strip():
            first = record
            break
    if first is None:
        raise NoFit("wanted a header line, found an empty file")
    try:
        text = first.raw.decode(base.decoder)
    except UnicodeDecodeError as error:
        raise NoFit(f"the header is not {base.encoding.upper()}") from error
    delimiter = base.contract.delimiter or max(DELIMITERS, key=text.count)
    header = tuple(cell.strip() for cell in fields_of(text, delimiter))
    dialect = replace(base.dialect, delimiter=delimiter, width=len(header))
    return _with_columns(replace(base, dialect=dialect, first=Place(byte, line)), header)


def _json_names(plain: bytes) -> tuple[str, ...]:
    """Return the names of the first objects, in order; names inside of objects with a dot."""
    names: dict[str, None] = {}
    lines = [line for line in plain.splitlines() if line.strip()][:_SAMPLED]
    for line in lines:
        try:
            value = json.loads(line)
        except ValueError:
            # A broken row, or the head ends in it.
            continue
        if isinstance(value, dict):
            names |= dict.fromkeys(_paths(value))
    return tuple(names)


def _paths(value: dict[str, object], prefix: str = "") -> list[str]:
    found = []
    for name, inside in value.items():
        if isinstance(inside, dict):
            found += _paths(inside, f"{prefix}{name}.")
        else:
            found.append(f"{prefix}{name}")
    return found


def _with_columns(layout: Layout, header: tuple[str, ...]) -> Layout:
    contract = layout.contract
    try:
        bound = bound_columns(contract, header, layout.format)
    except NoFit as why:
        raise NoFit(f"{why}; found: {_found(contract, header)}") from why
    known = {bound_.cell for bound_ in bound} | {bound_.path for bound_ in bound}
    unknown = tuple(
        name
        for position, name in enumerate(header)
        if name and position not in known and tuple(name.split(".")) not in known
    )
    return replace(layout, header=header, bound=bound, unknown=unknown)


def _found(contract: Contract, header: Sequence[str]) -> str:
    """Return the names of a header; a first line that is none may name persons, and is counted."""
    wanted = {
        folded(name)
        for column in contract.feed.columns
        for name in contract.mapping(column.name).sources
    }
    if not any(folded(name) in wanted for name in header):
        return f"{len(header)} cells, none of them the name of a column"
    shown = ", ".join(printable(name) for name in header[:_NAMED])
    return shown + (", ..." if len(header) > _NAMED else "")
