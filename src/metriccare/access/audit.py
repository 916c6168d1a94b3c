"""The audit of reads: one row for each request, chained so that a change is noticed.

`hash = SHA256(prev_hash || canonical JSON of the row)`, with `seq` without gaps in each chain.
Source: governance specification 7, serving specification 4.4.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Protocol

FIRST_HASH = "0" * 64


class AuditFailed(Exception):
    """The audit row could not be written: nothing may be shown."""


@dataclass(frozen=True)
class AuditEntry:
    """One row before it is chained.

    `statement` holds filters with ids of persons and stays hashed. `outcome` is ok, refused or
    failed; `reason` says why in one word. `session` is the first part of a hash, `client` the
    program. `bytes` is None where the answer is a stream.
    """

    event_id: str
    at: str
    principal: str
    session: str | None
    role: str
    tenant: str | None
    action: str
    object: str
    outcome: str
    source: str
    request_id: str
    columns: tuple[str, ...] = ()
    row_count: int | None = None
    bytes: int | None = None
    patient_hash: tuple[str, ...] = ()
    statement: str = ""
    purpose: str | None = None
    publication: str | None = None
    hidden_returned: int | None = None
    client: str | None = None
    ms: float | None = None
    reason: str | None = None
    status: int | None = None


class Head(NamedTuple):
    """The end of a chain: its last row's number and hash."""

    seq: int
    hash: str


class AuditLog(Protocol):
    """Where audit rows go. Writing is done before the first byte of an answer."""

    def write(self, entry: AuditEntry) -> None:
        """Append a row; raises AuditFailed."""
        ...

    def check(self) -> None:
        """Raise AuditFailed if no row could be written now."""
        ...


class AuditRows(Protocol):
    """Where audit rows can be read again."""

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Yield the rows, the newest first."""
        ...


def chained(entry: AuditEntry, chain: str, head: Head) -> tuple[bytes, Head]:
    """Return the line of a row at the end of a chain, and the chain's new head."""
    digest = hashlib.sha256(entry.statement.encode()).hexdigest()
    row = {**asdict(entry), "statement_hash": digest, "chain": chain, "seq": head.seq + 1}
    row["prev_hash"] = head.hash
    hashed = row_hash(row)
    line = canonical({**row, "hash": hashed}) + b"\n"
    return line, Head(head.seq + 1, hashed)


def row_hash(row: Mapping[str, Any]) -> str:
    """Return the hash of a row, over everything but its own hash."""
    content = canonical({key: value for key, value in row.items() if key != "hash"})
    return hashlib.sha256(str(row["prev_hash"]).encode() + content).hexdigest()


def canonical(row: Mapping[str, Any]) -> bytes:
    """Return a row as JSON with one spelling: sorted keys, no spaces, UTF-8."""
    text = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "backslashreplace")


class Line(NamedTuple):
    """One line of an audit file and where it is."""

    place: str
    text: bytes


def faults(lines: Iterable[Line], anchors: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Yield a sentence for each place where a chain is broken.

    `lines` come in the order in which they were written. Anchors are heads noted elsewhere: a
    chain that ends before one was cut.
    """
    heads: dict[str, Head] = {}
    hashes: dict[tuple[str, int], str] = {}
    times: dict[str, str] = {}
    for line in lines:
        row = _row(line.text)
        if row is None:
            yield f"{line.place} is no audit row: it was cut or edited."
            continue
        chain, seq = str(row["chain"]), int(row["seq"])
        head = heads.get(chain, Head(0, FIRST_HASH))
        if row_hash(row) != row["hash"]:
            yield f"{line.place}: row {seq} of chain {chain} was edited."
        elif seq != head.seq + 1:
            yield f"{line.place}: chain {chain} goes from row {head.seq} to row {seq}."
        elif row["prev_hash"] != head.hash:
            yield f"{line.place}: row {seq} of chain {chain} does not follow the row before it."
        elif str(row["at"]) < times.get(chain, ""):
            yield f"{line.place}: the clock went back before row {seq} of chain {chain}."
        heads[chain] = Head(seq, str(row["hash"]))
        hashes[chain, seq] = str(row["hash"])
        times[chain] = str(row["at"])
    yield from _against_anchors(heads, hashes, anchors)


def _against_anchors(
    heads: Mapping[str, Head],
    hashes: Mapping[tuple[str, int], str],
    anchors: Iterable[Mapping[str, Any]],
) -> Iterator[str]:
    for anchor in anchors:
        chain, seq = str(anchor["chain"]), int(anchor["seq"])
        if heads.get(chain, Head(0, FIRST_HASH)).seq < seq:
            yield f"Chain {chain} ends before row {seq}, which an anchor names: it was cut."
        elif hashes.get((chain, seq)) != anchor["hash"]:
            yield f"Row {seq} of chain {chain} is not the one that an anchor names."


def _row(text: bytes) -> dict[str, Any] | None:
    try:
        row = json.loads(text)
    except ValueError:
        return None
    wanted = {"chain", "seq", "hash", "prev_hash", "at"}
    return row if isinstance(row, dict) and wanted <= row.keys() else None
