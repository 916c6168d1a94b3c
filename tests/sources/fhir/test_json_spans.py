"""msgspec and our own counting of brackets find the same parts of a JSON text."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metriccare.sources.fhir.bundle_entry import Entry, decoded_entry, walked_entry
from metriccare.sources.fhir.exchange import FileReader
from metriccare.sources.fhir.json_spans import BrokenJson, Span, counted_end, well_formed_end
from metriccare.sources.fhir.record import FhirRecord
from metriccare.sources.record import Rejected

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=12,
)
NAMES = st.sampled_from(["resource", "request", "response", "search", "fullUrl", "link", "r\\"])
SPACES = st.sampled_from([b"", b" ", b"\n  ", b"\t\r\n"])
# What may follow a value, and what no JSON holds.
REST = st.sampled_from([b"", b" ", b",", b" ,{}", b"]", b"\n}", b'"', b"\x00", b"\xff", b"{"])
BYTES = st.binary(max_size=3) | st.sampled_from(
    [b"\\", b'"', b"\\ud800", b"\xed\xa0\x80", b"\x01", b"[", b"}", b'"resource":1,', b"1e999"]
)


@st.composite
def texts(draw: Any, values: Any = VALUES) -> bytes:
    """Draw the text of an object or array, escaped or not, in one line or laid out."""
    value = draw(values.filter(lambda value: isinstance(value, dict | list)))
    layout = draw(st.sampled_from([None, 0, 2]))
    is_ascii = draw(st.booleans())
    text = json.dumps(value, indent=layout, ensure_ascii=is_ascii)
    return text.encode("utf-8", "surrogatepass")


@st.composite
def entries(draw: Any) -> bytes:
    """Draw an entry of a Bundle whose members may be repeated, escaped and anything."""
    members = draw(st.lists(st.tuples(NAMES, VALUES), max_size=5))
    parts = []
    for name, value in members:
        key = json.dumps(name).encode()
        if draw(st.integers(0, 9)) == 0:
            key = key.replace(b"r", b"\\u0072")
        text = json.dumps(value).encode()
        parts.append(draw(SPACES) + key + draw(SPACES) + b":" + draw(SPACES) + text + draw(SPACES))
    return b"{" + b",".join(parts) + b"}"


def damaged(text: bytes, place: int, more: bytes) -> bytes:
    place %= len(text) + 1
    return text[:place] + more + text[place:]


@settings(deadline=None)
@given(texts(), REST, st.integers(0), st.just(b"") | BYTES)
def test_both_ways_find_the_same_end_of_a_value(text, rest, place, more):
    text = damaged(text, place, more) + rest
    if text[:1] not in (b"{", b"["):
        return
    end = well_formed_end(text, 0, len(text))
    if end is not None:
        assert end == counted_end(text, 0, len(text))
        assert text[:end] == text[:end].strip()


@settings(deadline=None)
@given(entries(), st.integers(0), st.just(b"") | BYTES)
def test_both_ways_read_the_same_of_an_entry(text, place, more):
    text = damaged(text, place, more)
    quick = outcome(decoded_entry, text)
    if quick is not None:
        assert quick == outcome(walked_entry, text)


def outcome(read: Callable[[bytes, Span], Entry | None], text: bytes) -> Entry | str | None:
    try:
        return read(text, (0, len(text)))
    except Rejected as rejected:
        return rejected.rule_id


def test_most_entries_are_read_the_quick_way():
    entry = b'{ "fullUrl":"urn:a",\n"resource" : {"id":"\\n"}, "request":{"method":"PUT"}}'
    quick = decoded_entry(entry, (0, len(entry)))
    assert quick is not None
    assert quick.resource is not None
    assert entry[slice(*quick.resource)] == b'{"id":"\\n"}'
    delete = b'{"request":{"method":"DELETE","url":"Patient/1"}}'
    assert decoded_entry(delete, (0, len(delete))) is not None


@pytest.mark.parametrize(
    "entry",
    [
        b'{"resource":{},"resource":{}}',
        b'{"resource":{},"\\u0072esource":{}}',
        b'{"\\u0072esource":{},"resource":{}}',
        b'{"request":{"resource":{}},"resource":{}}',
        b'{"request":{"resource":1},"resource":{"resource":1}}',
        b'{"resource":{"a":1,,}}',
        b'{"request":"\xff","resource":{}}',
        b"[]",
        b'{"request":' + b"[" * 5000 + b"]" * 5000 + b',"resource":{}}',
    ],
)
def test_an_entry_that_could_be_read_otherwise_is_left_to_the_slow_way(entry):
    assert decoded_entry(entry, (0, len(entry))) is None


@pytest.mark.parametrize("rest", [b" ,", b",", b"\n\n}", b" x", b"{}"])
def test_the_end_of_a_value_that_something_follows_is_found_without_counting(rest):
    # The words of msgspec's error say where: a release that changes them makes reading slower.
    value = b'[{"a":"]}"}, 1.10]'
    assert well_formed_end(value + rest, 0, len(value + rest)) == len(value)


def test_values_that_are_not_json_are_counted():
    for broken in (b"[1,]", b"[01]", b'["\x01"]', b'["\\ud800"]', b"[NaN]", b"[" * 3000):
        assert well_formed_end(broken, 0, len(broken)) is None
    with pytest.raises(BrokenJson):
        counted_end(b"[[]", 0, 3)


def records_of(content: bytes) -> list[FhirRecord]:
    with tempfile.TemporaryFile() as stream:
        stream.write(content)
        return [found.record for found in FileReader(stream).records()]


HISTORY = b"""{"resourceType":"Bundle","type":"%s","entry":[
 {"resource":{"resourceType":"Patient","id":"a","weight":1.10},
  "request":{"method":"PUT","url":"Patient/a"},
  "response":{"status":"200","lastModified":"2024-01-02T00:00:00Z"}},
 null,
 {"request":{"method":"DELETE","url":"Patient/b"},
  "response":{"status":"204","lastModified":"2024-01-03T00:00:00Z"}},
 {"resource":{"resourceType":"Patient","id":"c","name":[null,{"text":"\\ud83d\\ude00"}]}}
], "timestamp":"2024-01-04T00:00:00Z"}"""


@pytest.mark.parametrize("kind", [b"transaction", b"history", b"transaction-response"])
def test_bundles_of_requests_keep_numbers_deletions_and_their_times(kind):
    kept, nothing, gone, last = records_of(HISTORY % kind)
    assert kept.raw == b'{"resourceType":"Patient","id":"a","weight":1.10}'
    assert nothing.rule_id == "not_an_object"
    assert (gone.record_id, gone.deleted, str(gone.updated_at)) == (
        *("b", True),
        "2024-01-03 00:00:00+00:00",
    )
    assert orjson.loads(last.raw)["name"] == [None, {"text": "\U0001f600"}]
    assert [record.line for record in (kept, nothing, gone, last)] == [1, 2, 3, 4]


def test_an_entry_with_two_resources_is_rejected_however_its_names_are_spelt():
    entry = b'{"resourceType":"Bundle","entry":[{"resource":{},"%s":{}}]}'
    for name in (b"resource", b"\\u0072esource"):
        (record,) = records_of(entry % name)
        assert record.rule_id == "record_unreadable"
    with pytest.raises(Rejected):
        walked_entry(b'{"resource":1,"resource":1}', (0, 27))
