"""Feed files: one CSV with a header for each feed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from data_generator.feeds.columns import COLUMNS
from data_generator.feeds.days import Line

_FLUSH_CHARACTERS = 1 << 20  # 1 MB per feed: few writes, and little memory


class _Feed:
    """The pending text of one feed, with its header at the start of the file."""

    def __init__(self, feed: str) -> None:
        self.text = io.StringIO()
        self.writer = csv.writer(self.text, lineterminator="\n")
        self.writer.writerow((*COLUMNS[feed], "updated_at", "op"))


class FeedsWriter:
    """Writes ``<root>/<feed>.csv``, and counts ``rows``; a feed without rows has no file."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._feeds: dict[str, _Feed] = {}
        self.rows = 0

    def write(self, lines: Iterable[Line]) -> None:
        """Append rows, each with what is to be done with it."""
        for (name, values, updated_at), op in lines:
            feed = self._feeds.get(name)
            if feed is None:
                feed = self._feeds[name] = _Feed(name)
            feed.writer.writerow((*values, updated_at, op))
            self.rows += 1
        for name, feed in self._feeds.items():
            if feed.text.tell() > _FLUSH_CHARACTERS:
                self._flush(name, feed.text)

    def close(self) -> None:
        """Write what is pending."""
        for name, feed in self._feeds.items():
            self._flush(name, feed.text)

    def _flush(self, name: str, text: io.StringIO) -> None:
        self._root.mkdir(parents=True, exist_ok=True)
        with (self._root / f"{name}.csv").open("a", encoding="utf-8", newline="") as file:
            file.write(text.getvalue())
        text.seek(0)
        text.truncate()
