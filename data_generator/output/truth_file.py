"""Writes ``truth.json`` stay by stay, so that memory does not grow with the stays."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

import orjson

SCHEMA_VERSION = "1.2"
_FLUSH_BYTES = 1 << 20  # 1 MB: few writes, and little memory
DETAIL_VERSION = "1.4"  # with KPIs, closed months and denials


class _SideFile:
    """Rows that are kept apart, written a megabyte at a time; without rows there is no file."""

    def __init__(
        self, path: Path, *, before: bytes = b"", between: bytes = b"", after: bytes = b""
    ) -> None:
        self.path = path
        self.size = 0
        self._lead, self._between, self._after = before, between, after
        self._pending: list[bytes] = []

    def extend(self, rows: list[bytes]) -> None:
        """Add rows."""
        for row in rows:
            self._pending.append(self._lead + row + self._after)
            self._lead = self._between
            self.size += len(row)

    def flush(self) -> None:
        """Write what is pending."""
        if self._pending:
            with self.path.open("ab") as file:
                file.writelines(self._pending)
            self._pending, self.size = [], 0


class TruthFile:
    """The answer key: opened with its head, closed with measures, defects and totals."""

    def __init__(self, path: Path, head: dict[str, Any], *, version: str = SCHEMA_VERSION) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file: BinaryIO = path.open("wb")
        self._defects_path = path.with_suffix(".defects")
        self._denials = _SideFile(path.with_suffix(".denials"), before=b"\n", between=b",\n")
        self._accounts = _SideFile(path.with_name("truth_accounts.ndjson"), after=b"\n")
        self._stays = self._defects = 0
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
        self._accounts.extend(rows)
        self._denials.extend(denials)
        if self._accounts.size + self._denials.size > _FLUSH_BYTES:
            self._accounts.flush()
            self._denials.flush()

    def add_kpis(self, kpis: Iterable[dict[str, Any]], closes: Iterable[dict[str, Any]]) -> None:
        """Append the KPIs, closed months and the denials; call it after the stays."""
        for name, rows in (("kpis", kpis), ("closes", closes)):
            self._file.write(b'],\n"' + name.encode() + b'":[')
            for index, row in enumerate(rows):
                self._file.write((b",\n" if index else b"\n") + orjson.dumps(row))
        self._file.write(b'],\n"denials":[')
        self._accounts.flush()
        self._denials.flush()
        if self._denials.path.exists():
            with self._denials.path.open("rb") as file:
                shutil.copyfileobj(file, self._file)
            self._denials.path.unlink()

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
