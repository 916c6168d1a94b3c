"""Records are split as Python's csv module splits them, with exact bytes and physical lines."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metriccare.sources.feeds import splitter as splitter_module
from metriccare.sources.feeds.csv_fields import fields_of
from metriccare.sources.feeds.splitter import Dialect, Place, RawRecord, Splitter

# What a CSV file is made of, often enough that quotes, ends and delimiters meet.
TEXTS = st.text(st.sampled_from('a"",\n;\t é|'), max_size=12)
ROWS = st.lists(st.lists(TEXTS, min_size=3, max_size=3), min_size=1, max_size=8)


def split(content: bytes, **dialect: object) -> list[RawRecord]:
    reader = Splitter(io.BytesIO(content), Dialect(**dialect), Place(0, 1), len(content))
    records = [record for block in reader.blocks() for record in block]
    assert reader.place.byte == len(content)
    return records


def values(record: RawRecord, delimiter: str) -> list[str]:
    text = record.raw.decode()
    return fields_of(text, delimiter) if record.has_quotes else text.split(delimiter)


@settings(deadline=None)
@given(ROWS, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_values_are_those_of_the_csv_module_and_bytes_those_of_the_file(
    rows, sign, end, all_quoted
):
    written = io.StringIO()
    quoting = csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL
    csv.writer(written, delimiter=sign, lineterminator=end, quoting=quoting).writerows(rows)
    content = written.getvalue().encode()
    records = split(content, delimiter=sign, width=3)
    assert [values(record, sign) for record in records] == rows
    position, line = 0, 1
    for record in records:
        assert content[position:].startswith(record.raw)
        assert record.line == line
        position += len(record.raw) + len(end)
        line += record.raw.count(b"\n") + 1


@settings(deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8).map("\n".join), st.sampled_from([None, 3]))
def test_of_any_text_every_byte_is_in_a_record_or_a_line_end(text, width):
    content = text.encode()
    records = split(content, width=width)
    lines = content.split(b"\n")
    if not lines[-1]:
        lines.pop()
    assert b"\n".join(record.raw for record in records) == b"\n".join(lines)
    assert sum(record.lines for record in records) == len(lines)


@settings(deadline=None, max_examples=50)
@given(ROWS)
def test_a_file_cut_in_parts_has_the_records_of_the_whole(rows):
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows * 3)
    content = written.getvalue().encode()
    dialect = Dialect(width=3)
    whole = split(content, width=3)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(splitter_module, "_BLOCK", 16)
        ends = list(Splitter(io.BytesIO(content), dialect, Place(0, 1), len(content)).cuts(20))
    starts = [Place(0, 1), *ends[:-1]]
    parts = [
        record
        for start, end in zip(starts, ends, strict=True)
        for block in Splitter(io.BytesIO(content), dialect, start, end.byte).blocks()
        for record in block
    ]
    assert ends[-1].byte == len(content)
    assert [(r.raw, r.line) for r in parts] == [(r.raw, r.line) for r in whole]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ('a,"b\n', [('a,"b', True)]),
        ('a,"b,c\n1,2,3\n', [('a,"b,c', True), ("1,2,3", False)]),
        ('a,"b,c\n1,"2",3\n', [('a,"b,c', True), ('1,"2",3', False)]),
        ('a,b"c,d"\n1,2,3\n', [('a,b"c,d"', False), ("1,2,3", False)]),
    ],
)
def test_a_quote_that_is_not_closed_takes_no_other_row_with_it(text, wanted):
    found = split(text.encode(), width=3)
    assert [(record.raw.decode(), record.is_open) for record in found] == wanted


def test_a_quoted_field_has_at_most_1000_lines():
    within = b'"' + b"x\n" * 998 + b'x",b,c\n'
    assert [record.lines for record in split(within, width=3)] == [999]
    beyond = b'"' + b"x\n" * 1001 + b'x",b,c\n'
    assert split(beyond, width=3)[0].is_open


def test_lines_may_end_in_carriage_returns_alone():
    assert [r.raw for r in split(b"a,b\r1,2\r", line_end=b"\r")] == [b"a,b", b"1,2"]


def test_of_a_line_without_an_end_only_the_beginning_is_kept(monkeypatch):
    monkeypatch.setattr(splitter_module, "_BLOCK", 16)
    monkeypatch.setattr(splitter_module, "LONGEST_LINE", 64)
    content = b"a,b\n" + b"x" * 1000 + b"\n1,2\n"
    records = split(content)
    assert [(record.line, len(record.raw) < 200) for record in records] == [
        (1, True),
        (2, True),
        (3, True),
    ]
    assert records[2].raw == b"1,2"


@settings(deadline=None)
@given(TEXTS)
def test_fields_of_a_record_are_those_of_the_csv_module(text):
    line = text.replace("\n", " ")
    [wanted] = csv.reader([line]) if line else [[""]]
    records = split(line.encode())
    if not records or records[0].is_open:
        return
    assert values(records[0], ",") == wanted
