"""``truth.json``, written as the stays come so that memory does not grow with them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

SCHEMA_VERSION = "1.0"


class TruthFile:
    """Opened with the head, fed with stays, closed with the measures."""

    def __init__(self, path: Path, head: dict[str, Any]) -> None:
        self._file = path.open("wb")
        self._empty = True
        whole = {"schema_version": SCHEMA_VERSION, **head}
        for key, value in whole.items():
            self._file.write(b"{" if key == "schema_version" else b",\n")
            self._file.write(orjson.dumps(key) + b":" + orjson.dumps(value))
        self._file.write(b',\n"stays":[')

    def add_stays(self, rows: Iterable[dict[str, Any]]) -> None:
        """Append stay rows."""
        for row in rows:
            self._file.write((b"\n" if self._empty else b",\n") + orjson.dumps(row))
            self._empty = False

    def close(self, measures: Iterable[dict[str, Any]], counts: dict[str, int]) -> None:
        """Append the measures and the resource counts, and finish."""
        self._file.write(b'],\n"measures":[')
        for place, row in enumerate(measures):
            self._file.write((b",\n" if place else b"\n") + orjson.dumps(row))
        self._file.write(b'],\n"resources":' + orjson.dumps(counts) + b"}\n")
        self._file.close()
