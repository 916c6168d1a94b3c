"""``truth.json``, written as the stays come so that memory does not grow with them."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import orjson

SCHEMA_VERSION = "1.2"


class TruthFile:
    """Opened with the head, fed with stays and defects, closed with the measures."""

    def __init__(self, path: Path, head: dict[str, Any]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("wb")
        self._aside = path.with_suffix(".defects")
        self._stays = self._defects = 0
        whole = {"schema_version": SCHEMA_VERSION, **head}
        for key, value in whole.items():
            self._file.write(b"{" if key == "schema_version" else b",\n")
            self._file.write(orjson.dumps(key) + b":" + orjson.dumps(value))
        self._file.write(b',\n"stays":[')

    def add_stays(self, rows: Iterable[bytes]) -> None:
        """Append stay rows, each a JSON object."""
        for row in rows:
            self._file.write((b",\n" if self._stays else b"\n") + row)
            self._stays += 1

    def add_defects(self, notes: list[dict[str, Any]]) -> None:
        """Remember where broken records went."""
        if notes:
            with self._aside.open("ab") as file:
                for note in notes:
                    file.write((b",\n" if self._defects else b"\n") + orjson.dumps(note))
                    self._defects += 1

    def close(self, measures: Iterable[dict[str, Any]], tail: dict[str, Any]) -> None:
        """Append the measures, the defects and what stands last, and finish."""
        self._file.write(b'],\n"measures":[')
        for place, row in enumerate(measures):
            self._file.write((b",\n" if place else b"\n") + orjson.dumps(row))
        self._file.write(b'],\n"defects":[')
        if self._defects:
            with self._aside.open("rb") as file:
                shutil.copyfileobj(file, self._file)
            self._aside.unlink()
        self._file.write(b"]")
        for key, value in tail.items():
            self._file.write(b",\n" + orjson.dumps(key) + b":" + orjson.dumps(value))
        self._file.write(b"}\n")
        self._file.close()
