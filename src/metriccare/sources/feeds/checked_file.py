"""A dry run over one file: the contract chosen, its columns, the first rows, and what is rejected.

Nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from metriccare.object_store import RawFiles
from metriccare.sources.feeds.contracts import Contract
from metriccare.sources.feeds.detection import layout_of
from metriccare.sources.feeds.layouts import Layout
from metriccare.sources.feeds.opened import head_of, open_feed
from metriccare.sources.feeds.rows import FeedRecord, RowReader
from metriccare.sources.feeds.splitter import Splitter

# As many as fit on a screen.
_FIRST_ROWS, _FIRST_REJECTS = 5, 20


@dataclass(frozen=True)
class FileToCheck:
    """A file on this machine: where it is, the name it is sent under, whose it is."""

    location: str
    name: str
    tenant: str
    zone: str


@dataclass
class CheckedFile:
    """What was found in a file: rows read and rejected, and the first of each."""

    layout: Layout
    rows: int = 0
    rejected: int = 0
    first_rows: list[dict[str, Any]] = field(default_factory=list)
    first_rejects: list[FeedRecord] = field(default_factory=list)

    @property
    def missing(self) -> list[str]:
        """Return the columns that the file does not have."""
        have = {bound.column for bound in self.layout.bound}
        return [c.name for c in self.layout.feed.columns if c.name not in have]

    @property
    def columns(self) -> list[tuple[str, str, str]]:
        """Return each column with its name in the file and its type."""
        named = dict(zip(self.layout.columns, self.layout.header, strict=True))
        return [
            (bound.column, named.get(bound.column, "(constant)"), self._kind(bound.column))
            for bound in self.layout.bound
        ]

    def _kind(self, name: str) -> str:
        return str(self.layout.feed.column(name).kind)

    def add(self, row: FeedRecord) -> None:
        """Count a row."""
        self.rows += 1
        if row.rule_id is not None:
            self.rejected += 1
            if len(self.first_rejects) < _FIRST_REJECTS:
                self.first_rejects.append(row)
        elif len(self.first_rows) < _FIRST_ROWS:
            self.first_rows.append({"line": row.line, **orjson.loads(row.fields)})


def check_file(
    file: FileToCheck,
    raw_files: RawFiles,
    contracts: Sequence[Contract],
    chosen: str | None,
    most_rows: int | None,
) -> CheckedFile:
    """Return what is found in a file, or in its first rows; UnreadableFile if no contract fits."""
    head = head_of(raw_files, file.location)
    layout = layout_of(file.name, file.tenant, head, contracts, chosen)
    checked = CheckedFile(layout)
    for row in _rows(file, raw_files, layout):
        if most_rows is not None and checked.rows >= most_rows:
            break
        checked.add(row)
    return checked


def _rows(file: FileToCheck, raw_files: RawFiles, layout: Layout) -> Iterator[FeedRecord]:
    reader = RowReader(layout, file.zone)
    with open_feed(raw_files, file.location, layout.encoding) as stream:
        end = stream.seek(0, 2)
        for records in Splitter(stream, layout.dialect, layout.first, end).blocks():
            yield from reader.read(records)
