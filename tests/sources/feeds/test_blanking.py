"""Blanked rows leave every other byte and every line where it was."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest

from metriccare.sources.feeds import splitter
from metriccare.sources.feeds.blanking import RowPlace, blank_feed_file, blank_rows, place_of

CONTENT = 'id,name\r\n1,a\r\n"2\nb",é\r\n3,c\r\n'
BLANKED = "id,name\r\n1,a\r\n  \n{}\r\n3,c\r\n"


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_a_row_over_several_lines_is_blanked(tmp_path: Path, pack):
    path = tmp_path / "x.csv"
    path.write_bytes(pack(CONTENT.encode()))
    blank_feed_file(path, [place_of(3, '"2\nb",é')])
    found = path.read_bytes()
    found = found if pack is bytes else gzip.decompress(found)
    assert found.decode() == BLANKED.format(" " * len('b",é'.encode()))


def test_utf_16_stays_utf_16(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes("\ufeffid,name\n1,é\n2,b\n".encode("utf-16-be"))
    blank_feed_file(path, [place_of(2, "1,é")])
    assert path.read_bytes().decode("utf-16").split("\n") == ["id,name", "    ", "2,b", ""]


def test_lines_that_end_in_carriage_returns_are_counted(tmp_path: Path):
    path = tmp_path / "x.csv"
    path.write_bytes(b"id\r1\r2\r")
    blank_feed_file(path, [place_of(2, "1")])
    assert path.read_bytes() == b"id\r \r2\r"


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["line feed", "both"])
@pytest.mark.parametrize("line", [2, 3, 4])
def test_rows_beside_a_line_that_is_too_long_are_blanked(monkeypatch, line, end):
    monkeypatch.setattr(splitter, "_BLOCK", 16)
    monkeypatch.setattr(splitter, "LONGEST_LINE", 64)
    rows = [b"id,name", b"1," + b"x" * 200, b"2,b", b"3,c"]
    stream = io.BytesIO(end.join(rows) + end)
    blank_rows(stream, [RowPlace(line)])
    blanked = [b" " * len(row) if n == line else row for n, row in enumerate(rows, 1)]
    assert stream.getvalue() == end.join(blanked) + end
