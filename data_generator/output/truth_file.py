"""Writes ``truth.json`` stay by stay, so that memory does not grow with the stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import orjson

SCHEMA_VERSION = "1.2"
DETAIL_VERSION = "1.3"  # with KPIs and denials


class TruthFile:
    """The answer key: opened with its head, closed with measures, defects and totals."""

    def __init__(self, path: Path, head: dict[str, Any], *, version: str = SCHEMA_VERSION) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("wb")
        self._defects_path = path.with_suffix(".defects")
        self._denials_path = path.with_suffix(".denials")
        self._accounts = path.with_name("truth_accounts.ndjson")
        self._stays = self._defects = self._denials = 0
        entries = {"schema_version": version, **head}
        for key, value in entries.items():
            self._file.write(b"{" if key == "schema_version" else b",\n")
            self._file.write(orjson.dumps(key) + b":" + orjson.dumps(value))
        self._file.write(b',\n"stays":[')

    def add_stays(self, rows: Iterable[bytes]) -> None:
        """Append stay rows, each a JSON object."""
        for row in rows:
            self._file.write((b",\n" if self._stays else b"\n") + row)
            self._stays += 1

    def add_defects(self, notes: list[dict[str, Any]]) -> None:
        """Keep the file and line of broken records for the end of the file."""
        if notes:
            with self._defects_path.open("ab") as file:
                for note in notes:
                    file.write((b",\n" if self._defects else b"\n") + orjson.dumps(note))
                    self._defects += 1

    def add_accounts(self, rows: list[bytes], denials: list[bytes]) -> None:
        """Write account rows to their own file, and keep denials for the end of the key."""
        if rows:
            with self._accounts.open("ab") as file:
                file.writelines(row + b"\n" for row in rows)
        if denials:
            with self._denials_path.open("ab") as file:
                for row in denials:
                    file.write((b",\n" if self._denials else b"\n") + row)
                    self._denials += 1

    def add_kpis(self, kpis: Iterable[dict[str, Any]]) -> None:
        """Append the KPIs and the denials; call it after the stays."""
        self._file.write(b'],\n"kpis":[')
        for index, row in enumerate(kpis):
            self._file.write((b",\n" if index else b"\n") + orjson.dumps(row))
        self._file.write(b'],\n"denials":[')
        if self._denials:
            with self._denials_path.open("rb") as file:
                shutil.copyfileobj(file, self._file)
            self._denials_path.unlink()

    def close(self, measures: Iterable[dict[str, Any]], tail: dict[str, Any]) -> None:
        """Append the measures, the defects and ``tail``, and finish the file."""
        self._file.write(b'],\n"measures":[')
        for index, row in enumerate(measures):
            self._file.write((b",\n" if index else b"\n") + orjson.dumps(row))
        self._file.write(b'],\n"defects":[')
        if self._defects:
            with self._defects_path.open("rb") as file:
                shutil.copyfileobj(file, self._file)
            self._defects_path.unlink()
        self._file.write(b"]")
        for key, value in tail.items():
            self._file.write(b",\n" + orjson.dumps(key) + b":" + orjson.dumps(value))
        self._file.write(b"}\n")
        self._file.close()
