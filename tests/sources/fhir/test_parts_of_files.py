"""A large file is read in parts that together read every byte, and cut no value."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from functools import reduce
from pathlib import Path

import pytest

from metriccare.local.folder_store import LocalRawFiles
from metriccare.pipeline.bronze.parts import Part, parts_of
from metriccare.sources.fhir.byte_account import ByteAccount
from metriccare.sources.fhir.exchange import FileReader
from metriccare.sources.fhir.raw_files import open_raw
from metriccare.sources.fhir.record import FhirRecord
from metriccare.tracking.states import FileRecord

LINE = b'{"resourceType":"Patient","id":"p%05d","text":"%s"}\n'
PRETTY = json.dumps({"resourceType": "Patient", "id": "pretty", "name": [{}] * 3000}, indent=2)
BLOCK = 2**20


def tracked(path: Path, content: bytes) -> FileRecord:
    path.write_bytes(content)
    at = datetime(2024, 6, 1, tzinfo=UTC)
    return FileRecord("f", "north", path.name, str(path), len(content), at)


def read(parts: list[Part]) -> tuple[list[FhirRecord], ByteAccount]:
    records, accounts = [], []
    for part in parts:
        with open_raw(LocalRawFiles(), part.file.location) as stream:
            reader = FileReader(stream, part.lines)
            found = list(reader.records())
        records += [one.record for one in found]
        accounts.append(reader.account(sum(one.span[1] - one.span[0] for one in found), 0))
    return records, reduce(ByteAccount.plus, accounts)


def lines(count: int) -> bytes:
    return b"".join(LINE % (number, b"x" * 1000) for number in range(count))


def test_lines_in_parts_give_what_the_whole_file_gives(tmp_path):
    content = lines(3000) + PRETTY.encode() + b"\n" + lines(1500) + b'{"broken":[\n' + lines(9)
    file = tracked(tmp_path / "lines", content)
    parts = parts_of(file, BLOCK)
    assert len(parts) > 3
    records, account = read(parts)
    assert (account.content, account.accounted) == (len(content), len(content))
    whole, _ = read([Part(file)])
    assert records == whole
    assert len({(record.line, record.entry) for record in records}) == len(records) == 4511


def test_no_part_begins_within_a_value_over_lines(tmp_path):
    pretty = b"\n".join(PRETTY.encode() for _ in range(60)) + b"\n"
    file = tracked(tmp_path / "mixed", lines(5) + pretty + lines(2000))
    parts = parts_of(file, BLOCK)
    assert len(parts) > 1
    records, _ = read(parts)
    assert [record.rule_id for record in records if record.rule_id] == []
    assert len(records) == 2065


@pytest.mark.parametrize(
    "content",
    [
        b"[" + b",".join(lines(3000).splitlines()) + b"]",
        gzip.compress(lines(3000), 0),
        PRETTY.encode() * 60,
    ],
    ids=["array", "packed", "pretty"],
)
def test_documents_and_packed_files_are_one_part(tmp_path, content):
    file = tracked(tmp_path / "one", content)
    assert parts_of(file, BLOCK) == [Part(file)]
    records, account = read(parts_of(file, BLOCK))
    assert account.accounted == account.content
    assert len(records) in (3000, 60)


def test_a_part_that_is_left_out_is_missed(tmp_path):
    content = lines(3000)
    _, account = read(parts_of(tracked(tmp_path / "lines", content), BLOCK)[:-1])
    assert account.content == len(content)
    assert account.accounted < account.content
