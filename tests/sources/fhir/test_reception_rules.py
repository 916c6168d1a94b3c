"""Every rule of reception has a text that breaks it; the reason contains none of the text."""

from __future__ import annotations

import json
import tempfile

import pytest

from metriccare.quality.rules import RECEPTION_RULES
from metriccare.sources.fhir import record
from metriccare.sources.fhir.exchange import file_records

SECRET = "Ludmilla"


def bundle(entry: dict) -> bytes:
    return json.dumps({"resourceType": "Bundle", "entry": [entry]}).encode()


GOOD = b'{"resourceType": "Patient", "id": "p1"}'
FAILING = {
    "record_too_large": b'{"resourceType": "Binary", "id": "b1", "data": "%s"}' % (b"A" * 2**26),
    "encoding_invalid": b'{"resourceType": "Patient", "id": "p1", "name": "Ludmilla\xff"}',
    "json_invalid": b'{"resourceType": "Patient", "id": "p1", "name": "Ludmilla',
    "document_broken": b'[%s, {"resourceType": "Patient", "name": "Ludmilla' % GOOD,
    "not_an_object": b'"Ludmilla"',
    "resource_type_unknown": b'{"resourceType": "Ludmilla", "id": "p1"}',
    "id_invalid": b'{"resourceType": "Patient", "id": "Ludmilla Smith"}',
    "delete_target_unknown": bundle({"request": {"method": "DELETE", "url": f"?name={SECRET}"}}),
    "record_unreadable": b'{"resourceType": "Bundle", "entry": {"name": "Ludmilla"}}',
}


def records(text: bytes) -> list[record.FhirRecord]:
    with tempfile.TemporaryFile() as stream:
        stream.write(text)
        return list(file_records(stream))


def test_every_rule_has_a_text_that_breaks_it():
    assert list(FAILING) == [rule.id for rule in RECEPTION_RULES]


@pytest.mark.parametrize("rule", FAILING)
def test_a_record_is_rejected_under_its_rule_with_wanted_and_found(rule):
    found = records(FAILING[rule])[-1]
    assert (found.rule_id, found.line) == (rule, 2 if rule == "document_broken" else 1)
    assert found.reason is not None
    assert SECRET not in found.reason
    assert "wanted" in found.reason or "breaks off" in found.reason


def test_a_record_too_large_is_kept_in_part():
    (found,) = records(FAILING["record_too_large"])
    assert len(found.raw) == record.QUARANTINED_TEXT_BYTES
