"""What of a resource's text is shown: what is listed; everything else is masked."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metriccare.sources.fhir.masked_text import NotShowable, masked_text

MASK = "[masked]"
# A sender's text with its own spacing; every secret has this word.
ENCOUNTER = """{ "resourceType":"Encounter",  "id": "e-77",
  "identifier": [{"system":"urn:s","value":"secret-1"}],
  "status":"finished", "class": {"system":"http://x/act","code":"IMP","display":"inpatient"},
  "subject":{"reference":"Patient/secret-2","display":"secret-3"},
  "serviceProvider":{"reference":"Organization/h1","display":"secret-4"},
  "period":{"start":"2024-03-01T10:00:00Z","end":"2024-03-04"},
  "text":{"div":"<div>secret-5</div>"}, "note":[{"text":"secret-6"}],
  "extension":[{"url":"u","valueString":"secret-7"}], "myOwn":"secret-8", "myNumber": 70712345,
  "_status":{"extension":[{"valueString":"secret-9"}]},
  "type":[{"coding":[{"system":"s","code":"secret 10 with spaces"}],"text":"secret-11"}]}"""
PATIENT = {
    "resourceType": "Patient",
    "id": "secret",
    "name": [{"family": "secret", "given": ["secret"]}],
    "telecom": [{"system": "phone", "value": "secret"}],
    "address": [{"city": "secret", "postalCode": "secret"}],
    "birthDate": "1950-01-02",
    "gender": "female",
    "deceasedDateTime": "2024-05-06",
    "contact": [{"name": {"family": "secret"}}],
    "link": [{"other": {"reference": "Patient/secret"}, "type": "replaced-by"}],
}


def shown(resource: Any, *, is_clear: bool = True) -> str:
    text = resource if isinstance(resource, str) else json.dumps(resource)
    return masked_text(text.encode(), is_clear=is_clear).text


@pytest.mark.parametrize("is_clear", [True, False])
@pytest.mark.parametrize("resource", [ENCOUNTER, PATIENT], ids=["encounter", "patient"])
def test_nothing_that_could_name_a_person_is_shown(resource: Any, is_clear: bool):
    text = shown(resource, is_clear=is_clear)

    assert "secret" not in text
    assert "1950" not in text
    assert "70712345" not in text
    json.loads(text)


def test_what_is_shown_is_shown_to_the_byte():
    text = shown(ENCOUNTER)

    assert text.startswith(
        '{ "resourceType":"Encounter",  "id": "e-77",\n  "identifier": "[masked]"'
    )
    assert '"class": {"system":"http://x/act","code":"IMP","display":"inpatient"}' in text
    assert '"period":{"start":"2024-03-01T10:00:00Z","end":"2024-03-04"}' in text
    assert '"serviceProvider":{"reference":"Organization/h1","display":"[masked]"}' in text


def test_dates_and_ids_are_for_those_who_see_records_in_the_clear():
    text = shown(ENCOUNTER, is_clear=False)

    for words in ("e-77", "2024-03", "Organization/h1"):
        assert words not in text
    assert '"status":"finished"' in text


def test_quantities_and_money_are_shown_and_other_numbers_are_not():
    found = json.loads(
        shown(
            {
                "resourceType": "Observation",
                "valueQuantity": {"value": 7.1, "unit": "mmol/L"},
                "valueInteger": 70712345,
                "total": {"value": 12.5, "currency": "USD"},
                "item": [{"sequence": 1, "diagnosisSequence": [1, 2]}],
                "age": 91,
                "active": True,
                "smoker": True,
            }
        )
    )

    assert found["valueQuantity"]["value"] == 7.1
    assert found["total"]["value"] == 12.5
    assert found["item"] == [{"sequence": 1, "diagnosisSequence": [1, 2]}]
    assert found["active"] is True
    assert {found[name] for name in ("valueInteger", "age", "smoker")} == {MASK}


@pytest.mark.parametrize(
    "tricks",
    [
        r'{"resourceType":"Encounter","\u006eame":[{"family":"secret"}]}',
        '{"resourceType":"Encounter","status":"ok","status":"secret name of a person"}',
        '{"resourceType":"Encounter","resourceType":"Patient","id":"secret"}',
        '{"resourceType":"Patient","resourceType":"Encounter","id":"secret"}',
        '{"resourceType":"Encounter","status":{"name":"secret"}}',
        '{"resourceType":"Encounter","code":"secret\\nsecret"}',
        '{"resourceType":"Encounter","start":"2024-03-01 secret"}',
        '{"resourceType":"Encounter","reference":"Organization/h1?name=secret"}',
        '{"resourceType":"Encounter","value":"secret","unit":"mg"}',
        '{"resourceType":"Encounter","status":["secret one","secret two"]}',
        '{"resourceType":"Encounter","secretive":{}, "a":{"b":"secret"}}'.replace("secretive", "x"),
    ],
)
def test_tricks_of_a_sender_show_nothing(tricks: str):
    assert "secret" not in shown(tricks)


@pytest.mark.parametrize(
    "raw",
    [b"", b"not json", b'{"a": 1', b"[1]", b'{"a": tru}', b'{"a":1} x', b"{" * 500, b'"secret"'],
)
def test_what_is_no_json_object_is_not_shown(raw: bytes):
    with pytest.raises(NotShowable):
        masked_text(raw, is_clear=True)


def test_a_text_of_brackets_ends_nothing():
    deep = '{"a":' * 200 + '"secret"' + "}" * 200
    assert "secret" not in shown(deep)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), _JSON, max_size=5))
def test_of_any_text_what_is_left_is_json_and_has_no_unlisted_value(value: dict[str, Any]):
    found = json.loads(masked_text(json.dumps(value).encode(), is_clear=True).text)

    assert list(found) == list(value)
    for name, each in found.items():
        if isinstance(each, str) and name not in ("id", "resourceType", "status", "code"):
            assert each == MASK or name in ("system", "type", "use", "unit", "start", "end", "date")
