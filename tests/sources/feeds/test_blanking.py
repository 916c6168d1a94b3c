"""Blanked rows leave every other byte and every line where it was."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from metriccare.sources.feeds.blanking import blank_feed_file, place_of

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
