"""Whatever JSON is in the place of a header element: this record at most is rejected."""

from __future__ import annotations

import itertools
import os
import random
import tempfile
import time
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from metriccare.quality.rules import RECEPTION_RULES
from metriccare.sources.fhir.exchange import FileReader
from metriccare.sources.fhir.instants import instant
from metriccare.sources.fhir.patient_references import is_about, names_of
from metriccare.sources.fhir.record import FhirRecord, guarded, refers_indirectly
from metriccare.sources.fhir.values import LocatedRecord
from metriccare.sources.record import Place

SECONDS = float(os.environ.get("METRICCARE_FUZZ_SECONDS", "2"))
RULES = {rule.id for rule in RECEPTION_RULES}
BEFORE = b'{"resourceType":"Patient","id":"before"}'
AFTER = b'{"resourceType":"Patient","id":"after"}'

DEEP = b"[" * 900 + b"]" * 900
TOO_DEEP = b'{"a":' * 5000 + b"1" + b"}" * 5000
VALUES = (
    *(b"null", b"true", b"0", b"-1", b"1.10", b"1e999", b"9" * 400, b"NaN", b"-Infinity"),
    *(b'""', b'" "', b'"\\u0000"', b'"\\ud800"', b'"\xff"', b'"a b"', b'"Patient"', b'"Bundle"'),
    *(b"[]", b"[null]", b'["Patient"]', b"{}", b'{"value":"Patient"}', b'[{"coding":[null]}]'),
    *(b'"9999-12-31T23:59:59-05:00"', b'"0001-01-01T00:00:00+14:00"', b'"10000-01-01T00:00:00Z"'),
    *(b'"2024-02-30T00:00:00Z"', b'"2024-01-01T24:00:00Z"', b'"2016-12-31T23:59:60Z"', b'"2024"'),
    *(b'"2024-01-01T00:00:00.123456789Z"', b'"2024-01-01T00:00:00"', b'"DELETE"', b'"Patient/1"'),
    *(DEEP, TOO_DEEP, b'"' + b"x" * 70_000 + b'"'),
)
RESOURCE = {
    "resourceType": "Patient",
    "id": "x",
    "meta": {"lastUpdated": "2024-01-01T00:00:00Z"},
}
ENTRY = {
    "fullUrl": "urn:uuid:1",
    "resource": RESOURCE,
    "search": {"mode": "match"},
    "request": {"method": "PUT", "url": "Patient/x"},
    "response": {"status": "200", "lastModified": "2024-01-02T00:00:00Z"},
}
DELETE = {"request": {"method": "DELETE", "url": "Patient/x"}, "response": ENTRY["response"]}
BUNDLE = {
    "resourceType": "Bundle",
    "id": "b",
    "meta": {"lastUpdated": "2024-01-01T00:00:00Z"},
    "type": "batch",
    "timestamp": "2024-01-03T00:00:00Z",
    "entry": [ENTRY, DELETE],
}
_HOLE = "\u2060hole"


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every element."""
    below = value.items() if isinstance(value, dict) else enumerate(value)
    own = [(*path, name) for name, _ in below]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return own + [
        deeper
        for name, one in inner
        if isinstance(one, dict | list)
        for deeper in places(one, (*path, name))
    ]


def with_value(whole: dict[str, Any], path: tuple[Any, ...], text: bytes) -> bytes:
    """Return the JSON with a text in one element's place."""
    copy = orjson.loads(orjson.dumps(whole))
    at = copy
    for name in path[:-1]:
        at = at[name]
    at[path[-1]] = _HOLE
    return orjson.dumps(copy).replace(orjson.dumps(_HOLE), text)


def read(content: bytes) -> list[LocatedRecord]:
    with tempfile.TemporaryFile() as stream:
        stream.write(content)
        reader = FileReader(stream)
        found = list(reader.records())
        account = reader.account(sum(one.span[1] - one.span[0] for one in found), 0)
    assert account.accounted == len(content)
    return found


def assert_contained(middle: bytes) -> list[FhirRecord]:
    """Read it between two good lines; return its own records."""
    first, *own, last = [one.record for one in read(BEFORE + b"\n" + middle + b"\n" + AFTER)]
    assert (first.raw, last.raw, last.line) == (BEFORE, AFTER, 3)
    for record in own:
        assert record.rule_id is None or record.rule_id in RULES
        assert (record.reason is None) is (record.rule_id is None)
        assert (
            record.rule_id is None
            or "wanted" in str(record.reason)
            or "breaks" in str(record.reason)
        )
        if record.rule_id is None:
            record.raw.decode("utf-8")
            assert record.updated_at is None or record.updated_at.tzinfo is UTC
        names_of(record)
        is_about(record.raw, {"Patient/1"})
        refers_indirectly(record.raw)
    return own


CASES = [(RESOURCE, path) for path in places(RESOURCE)] + [
    (BUNDLE, path) for path in places(BUNDLE)
]


@pytest.mark.parametrize(("whole", "path"), CASES, ids=lambda x: ".".join(map(str, x))[:40])
def test_any_json_in_any_place_of_a_header_spoils_at_most_its_own_record(whole, path):
    for text in VALUES:
        own = assert_contained(with_value(whole, path, text))
        if whole is BUNDLE and path[:2] == ("entry", 0) and own:
            assert (own[-1].deleted, own[-1].record_id) == (True, "x") or text is TOO_DEEP, text


def test_any_two_elements_at_once():
    rng = random.Random(5)
    end = time.process_time() + SECONDS
    pairs = list(itertools.combinations(CASES, 2))
    while time.process_time() < end:
        (whole, path), _ = rng.choice(pairs)
        once = with_value(whole, path, rng.choice(VALUES))
        name = rng.choice((b'"resourceType"', b'"id"', b'"entry"', b'"resource"', b'"request"'))
        assert_contained(once.replace(b"{", b"{" + name + b":" + rng.choice(VALUES) + b",", 1))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9999-12-31T23:59:59-05:00", datetime.max.replace(tzinfo=UTC)),
        ("9999-12-31T23:59:60-00:01", datetime.max.replace(tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", datetime.min.replace(tzinfo=UTC)),
        ("9999-12-31T23:59:59Z", datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("10000-01-01T00:00:00Z", None),
        (["2024-01-01T00:00:00Z"], None),
    ],
)
def test_an_instant_beyond_the_years_is_the_last_or_first_there_is(text, expected):
    assert instant(text) == expected


def test_whatever_a_reader_raises_quarantines_its_record_alone():
    def fails(raw: bytes, place: Place) -> FhirRecord:
        raise RecursionError(raw)

    record = guarded(fails, b"Ludmilla", (7, "2"))
    assert (record.rule_id, record.line, record.entry) == ("record_unreadable", 7, "2")
    assert record.reason == "wanted a record that can be read, found one that raises RecursionError"
