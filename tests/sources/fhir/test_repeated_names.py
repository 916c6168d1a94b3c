"""A record with a name twice in one object is rejected: which of the values counts is not known."""

from __future__ import annotations

import json

import orjson
import pytest

from metriccare.sources.fhir.record import FhirRecord, resource_record
from metriccare.sources.fhir.repeated_names import has_repeated_name

PATIENT = '"resourceType": "Patient", "id": "p1"'


@pytest.mark.parametrize(
    ("text", "is_repeated"),
    [
        ("{}", False),
        ('{"a":1,"b":{"a":2},"c":[{"a":3},{"a":3}]}', False),
        ('{"a":1,"a":1}', True),
        ('{"a": {"b": [{"c": 1, "c": null}]}}', True),
        ('{"a":"x\\u00e9\\"y", "b": 1e2}', False),
        ('{"a":"\\u0022\\u0022","b":1,"b":2}', True),
        ('{"a":"\\u0022", "b": "\\\\u0022"}', False),
        ('{"a":1,"\\u0061":2}', True),
        ('{"a":' * 300 + "1" + "}" * 300, False),
        ('{"a":' * 300 + '{"b":1,"b":2}' + "}" * 300, True),
    ],
)
def test_a_repeated_name_is_found_at_any_depth(text: str, is_repeated: bool):
    assert has_repeated_name(orjson.loads(text), text.encode()) is is_repeated


def test_a_record_with_a_repeated_name_is_rejected_without_its_content():
    text = f'{{{PATIENT}, "gender": "male", "gender": "female"}}'
    record = resource_record(text.encode(), (7, "0"), None, None)
    assert isinstance(record, FhirRecord)
    assert (record.rule_id, record.record_type, record.line) == ("json_invalid", "Patient", 7)
    assert record.reason == "wanted each name once in an object, found one twice"


def test_a_record_spelt_in_any_way_is_taken():
    for text in (f"{{{PATIENT}}}", json.dumps({"resourceType": "Patient", "id": "p1"}, indent=1)):
        record = resource_record(text.encode(), (1, "0"), None, None)
        assert isinstance(record, FhirRecord)
        assert record.rule_id is None
