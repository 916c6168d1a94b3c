"""A record blanked out of a file is gone; all others keep their line, place and bytes."""

from __future__ import annotations

import json
import tempfile

import pytest

from metriccare.local.folder_store import FolderStore
from metriccare.sources.fhir.exchange import file_records
from metriccare.sources.fhir.patient_references import is_about, names_of, patient_names, searches
from metriccare.sources.fhir.record import FhirRecord
from metriccare.sources.fhir.redaction import blank
from metriccare.sources.record import Place
from metriccare.tracking.erased import ErasedNames, load_erased, save_erased


def records(content: bytes) -> list[FhirRecord]:
    with tempfile.TemporaryFile() as stream:
        stream.write(content)
        stream.seek(0)
        return list(file_records(stream))


def blanked(content: bytes, place: Place, count: int = 1) -> bytes:
    with tempfile.TemporaryFile() as stream:
        stream.write(content)
        assert blank(stream, {place}) == count
        stream.seek(0)
        return stream.read()


def resource(id_: str, kind: str = "Patient") -> bytes:
    return b'{"resourceType":"%s","id":"%s"}' % (kind.encode(), id_.encode())


NDJSON = b"\xef\xbb\xbf" + resource("a") + b"\r\n\n" + resource("b") + b"\n" + resource("c")
ARRAY = b"[" + resource("a") + b",\n " + resource("b") + b" ," + resource("c") + b"]"
BUNDLE = (
    b'{"resourceType":"Bundle","type":"batch","entry":['
    b'{"fullUrl":"urn:uuid:1","resource":' + resource("a") + b"},\n"
    b'{"resource":' + resource("b") + b'},{"request":{"method":"DELETE","url":"Patient/c"}}]}'
)
NESTED = resource("a") + b"\n" + b"[" + resource("b") + b"," + resource("c") + b"]\n"
PRETTY = b'{\n  "resourceType": "Patient",\n  "id": "%s"\n}'
JOINED = b"\n".join(PRETTY % name for name in (b"a", b"b", b"c"))
MIXED = resource("a") + b"\n" + PRETTY % b"b" + b"\n" + resource("c") + resource("d") + b"\n"
OUTER = (
    b'{"resourceType":"Bundle","entry":[{"resource":' + resource("o") + b"},\n"
    b'{"resource":' + BUNDLE + b'},{"resource":' + resource("z") + b"}]}"
)
BROKEN = b"[" + resource("a") + b"," + resource("b") + b', {"resourceType":"Patient","id":"c"'


@pytest.mark.parametrize(
    "content",
    [NDJSON, ARRAY, BUNDLE, NESTED, resource("a"), PRETTY % b"a", JOINED, MIXED, OUTER],
    ids=["lines", "array", "bundle", "nested", "one", "pretty", "joined", "mixed", "outer"],
)
def test_any_record_can_be_blanked_and_no_other_moves(content: bytes):
    before = records(content)
    assert before
    for gone in before:
        changed = blanked(content, (gone.line, gone.entry))
        assert len(changed) == len(content)
        assert changed.count(b"\n") == content.count(b"\n")
        assert gone.raw not in changed
        assert records(changed) == [record for record in before if record is not gone]


def test_a_bundle_stored_unread_by_an_earlier_version_is_blanked_with_all_it_holds():
    line = b'{"entry":[{"resource":' + resource("b") + b'}],"resourceType":"Bundle","id":"x"}'
    changed = blanked(resource("a") + b"\n" + line, (2, "0"))
    assert [record.record_id for record in records(changed)] == ["a"]
    nested = records(blanked(OUTER, (2, "0"), count=3))
    assert [record.record_id for record in nested] == ["o", "z"]


def test_what_follows_a_break_is_blanked_with_its_record():
    broken = records(BROKEN)[-1]
    assert broken.rule_id == "document_broken"
    changed = blanked(BROKEN, (broken.line, broken.entry))
    assert b'"c"' not in changed
    assert records(changed)[:2] == records(BROKEN)[:2]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Patient/p1", "Patient/p1"),
        ("https://ehr.example.org/fhir/Patient/p1/_history/2", "Patient/p1"),
        ("urn:uuid:5c0f", "urn:uuid:5c0f"),
        ("Patient?identifier=urn:mrn%7Cm-1", "Patient?identifier=urn:mrn|m-1"),
    ],
)
def test_a_reference_in_any_form_names_its_patient(text: str, name: str):
    assert patient_names(json.dumps({"subject": {"reference": text}}).encode()) == {name}


def test_an_identifier_names_its_patient_with_and_without_its_system():
    raw = b'{"subject":{"identifier":{"system":"urn:mrn","value":"m-1"}}}'
    assert patient_names(raw) == searches("urn:mrn", "m-1")
    assert patient_names(raw) == {"Patient?identifier=m-1", "Patient?identifier=urn:mrn|m-1"}


def test_a_reference_is_found_however_deep_it_is():
    nested = b'{"a":[' * 500 + b'{"reference":"Patient/p1"}' + b"]}" * 500
    assert patient_names(nested) == {"Patient/p1"}


def test_another_patient_whose_id_begins_alike_is_not_named():
    assert "Patient/p1" not in patient_names(b'{"subject":{"reference":"Patient/p10"}}')


def test_broken_json_still_names_its_patients():
    assert patient_names(b'{"subject":{"reference":"Patient/p1"') == {"Patient/p1"}


@pytest.mark.parametrize(
    ("raw", "is_the_persons"),
    [
        (b'{"resourceType":"Patient","id":"1"}', True),
        (
            b'{"resourceType":"Patient","id":"2","link":[{"other":{"reference":"Patient/1"}}]}',
            False,
        ),
        (b'{"resourceType":"Encounter","id":"1","subject":{"reference":"Patient/2"}}', False),
        (b'{"resourceType":"Encounter","id":"9","subject":{"reference":"Patient/1"}}', True),
        (b'{"resourceType":"Patient","id":"1","birthDate":"19', True),
        (b'{"resourceType":"Encounter","id":"1","status":"fin', False),
    ],
)
def test_a_record_is_a_persons_by_what_it_is_or_refers_to(raw: bytes, is_the_persons: bool):
    assert is_about(raw, {"Patient/1"}) is is_the_persons


def test_the_list_of_the_erased_contains_no_names_and_recognises_them(tmp_path):
    objects = FolderStore(tmp_path)
    assert load_erased(objects).marks == frozenset()
    save_erased(objects, load_erased(objects).with_names("north", {"Patient/p1"}))
    text = next(tmp_path.rglob("*.json")).read_text()
    assert "p1" not in text
    known = load_erased(objects)
    record = records(b'{"resourceType":"Encounter","id":"e","subject":{"reference":"Patient/p1"}}')
    assert known.hold("north", names_of(record[0]))
    assert not known.hold("south", names_of(record[0]))
    assert ErasedNames(known.salt) != ErasedNames()
