"""Every form FHIR is exchanged in becomes records, and nothing of a file is lost."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from metriccare.local.folder_store import LocalRawFiles
from metriccare.sources.fhir.exchange import file_records
from metriccare.sources.fhir.raw_files import open_raw
from metriccare.sources.fhir.record import FhirRecord, refers_indirectly

ONE = b'{"resourceType":"Patient","id":"1","weight": 1.10}'
TWO = b'{"id":"2", "resourceType":"Patient"}'


@pytest.fixture
def records(tmp_path: Path):
    def read(content: bytes) -> list[FhirRecord]:
        path = tmp_path / "in"
        path.write_bytes(content)
        with open_raw(LocalRawFiles(), str(path)) as stream:
            return list(file_records(stream))

    return read


def test_ndjson_keeps_exact_text_and_line_numbers(records):
    found = records(ONE + b"\r\n\n  \n" + TWO)
    assert [(r.raw, r.line) for r in found] == [(ONE, 1), (TWO, 4)]


def test_a_byte_order_mark_is_harmless(records):
    assert [r.record_id for r in records(b"\xef\xbb\xbf" + ONE + b"\n" + TWO)] == ["1", "2"]


def test_an_array_gives_its_elements_as_they_stand(records):
    found = records(b"[ " + ONE + b" ,\n" + TWO + b"]")
    assert [(r.raw, r.line) for r in found] == [(ONE, 1), (TWO, 2)]


def test_a_resource_over_several_lines_is_one_record(records):
    pretty = b'{\n  "resourceType": "Patient",\n  "id": "1"\n}'
    assert [(r.raw, r.line) for r in records(pretty + b"\n")] == [(pretty, 1)]


def test_a_bundle_gives_resources_and_tombstones(records):
    bundle = (
        b'{"resourceType":"Bundle","type":"transaction","entry":[{"fullUrl":"urn:uuid:a",'
        b'"resource":' + ONE + b',"request":{"method":"POST"}},'
        b'{"request":{"method":"DELETE","url":"Patient/9"},'
        b'"response":{"lastModified":"2024-01-02T00:00:00Z"}}]}'
    )
    kept, deleted = records(bundle)
    assert (kept.raw, kept.full_url, kept.deleted) == (ONE, "urn:uuid:a", False)
    assert (deleted.record_id, deleted.deleted) == ("9", True)
    assert deleted.updated_at.isoformat() == "2024-01-02T00:00:00+00:00"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b'"timestamp":"2024-03-01T00:00:00Z","meta":{"lastUpdated":"2020-01-01T00:00:00Z"}', 2024),
        (b'"meta":{"lastUpdated":"2020-01-01T00:00:00Z"}', 2020),
    ],
)
def test_a_tombstone_without_a_time_takes_the_bundles(records, head, expected):
    entry = b'"entry":[{"request":{"method":"DELETE","url":"Patient/9"}}]'
    (deleted,) = records(b'{"resourceType":"Bundle",' + entry + b"," + head + b"}")
    assert deleted.updated_at.year == expected


def test_bundles_one_to_a_line_are_deleted_files(records):
    line = b'{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE","url":"Patient/%d"}}]}'
    found = records(line % 1 + b"\n" + line % 2 + b"\n")
    assert [(r.record_id, r.line, r.entry) for r in found] == [("1", 1, "1"), ("2", 2, "1")]


def test_a_broken_line_is_rejected_and_the_others_kept(records):
    broken, good = records(ONE[:-1] + b"\n" + TWO + b"\n")
    assert (broken.rule_id, broken.line, broken.raw) == ("json_invalid", 1, ONE[:-1])
    assert good.record_id == "2"


def test_a_bundle_cut_short_keeps_its_whole_entries(records):
    whole, rest = records(b'{"resourceType":"Bundle","entry":[{"resource":' + ONE + b'},{"reso')
    assert whole.raw == ONE
    assert (rest.rule_id, rest.line) == ("document_broken", 2)


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        (b"nope", "json_invalid"),
        (b"17", "not_an_object"),
        (b'{"resourceType":"Pacient","id":"1"}', "resource_type_unknown"),
        (b'{"id":"1"}', "resource_type_unknown"),
        (b'{"resourceType":"Patient"}', "id_invalid"),
        (b'{"resourceType":"Patient","id":"a b"}', "id_invalid"),
        (b'{"resourceType":"Patient","id":7}', "id_invalid"),
        (b'{"resourceType":["Patient"],"id":"1"}', "resource_type_unknown"),
        (b'{"resourceType":{"value":"Patient"},"id":"1"}', "resource_type_unknown"),
        (
            b'{"resourceType":"Bundle","entry":[{"request":{"method":"DELETE","url":5}}]}',
            "delete_target_unknown",
        ),
        (b'{"resourceType":"Patient","id":"\xff"}', "encoding_invalid"),
    ],
)
def test_what_is_no_resource_is_rejected_under_its_rule(records, line, rule):
    found = records(line + b"\n" + ONE + b"\n")
    assert [(r.rule_id, r.record_id) for r in found][-1] == (None, "1")
    assert found[0].rule_id == rule


def test_a_reason_never_quotes_the_record(records):
    secret = b'{"resourceType":"Patient","id":"Doe John"}\n' + ONE
    assert "Doe" not in str(records(secret)[0].reason)


def test_the_log_of_a_bulk_export_is_no_record(records):
    assert records(b'{"exportId":"x","eventId":"kickoff"}\n' + ONE + b"\n")[0].record_id == "1"


def test_compressed_files_are_known_by_content(tmp_path):
    path = tmp_path / "patients.json"
    path.write_bytes(gzip.compress(ONE))
    with open_raw(LocalRawFiles(), str(path)) as stream:
        assert [r.raw for r in file_records(stream)] == [ONE]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'{"subject":{"reference":"Patient/1"}}', False),
        (b'{"subject":{"reference":"Patient?identifier=a|1"}}', True),
        (b'{"subject":{"reference":"urn:uuid:1"}}', True),
        (b'{"subject":{"identifier" : {"value":"1"}}}', True),
        (b'{"identifier":[{"value":"1"}]}', False),
    ],
)
def test_rows_that_need_a_look_up_are_known_from_their_text(raw, expected):
    assert refers_indirectly(raw) is expected
