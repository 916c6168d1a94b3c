"""Feed files: one CSV with a header for each feed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from data_generator.feeds.columns import COLUMNS
from data_generator.feeds.days import Line

_FLUSH_CHARACTERS = 1 << 20  # 1 MB per feed: few writes, and little memory


class FeedsWriter:
    """Writes ``<root>/<feed>.csv``; a feed without rows has no file."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._buffers: dict[str, io.StringIO] = {}
        self._begun: set[str] = set()

    def write(self, lines: Iterable[Line]) -> None:
        """Append rows, each with what is to be done with it."""
        for (feed, values, updated_at), op in lines:
            buffer = self._buffers.get(feed)
            if buffer is None:
                buffer = self._buffers[feed] = self._begin(feed)
            csv.writer(buffer, lineterminator="\n").writerow((*values, updated_at, op))
        for feed, buffer in self._buffers.items():
            if buffer.tell() > _FLUSH_CHARACTERS:
                self._flush(feed, buffer)

    def close(self) -> None:
        """Write what is pending."""
        for feed, buffer in self._buffers.items():
            self._flush(feed, buffer)

    def _begin(self, feed: str) -> io.StringIO:
        buffer = io.StringIO()
        csv.writer(buffer, lineterminator="\n").writerow((*COLUMNS[feed], "updated_at", "op"))
        return buffer

    def _flush(self, feed: str, buffer: io.StringIO) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / f"{feed}.csv").open("a", encoding="utf-8", newline="") as file:
            file.write(buffer.getvalue())
        buffer.seek(0)
        buffer.truncate()
