"""A file is a row of values: what one of them is says nothing about the next."""

from __future__ import annotations

import json
import tempfile
import time
import tracemalloc

import pytest

from metriccare.sources.fhir.byte_account import ByteAccount
from metriccare.sources.fhir.exchange import FileReader
from metriccare.sources.fhir.record import FhirRecord


def read(content: bytes) -> tuple[list[FhirRecord], ByteAccount]:
    with tempfile.TemporaryFile() as stream:
        stream.write(content)
        reader = FileReader(stream)
        found = list(reader.records())
    rejected = sum(f.span[1] - f.span[0] for f in found if f.record.rule_id is not None)
    total = sum(f.span[1] - f.span[0] for f in found)
    account = reader.account(total - rejected, rejected)
    assert account.accounted == len(content)
    return [one.record for one in found], account


def places(content: bytes) -> list[tuple[int, str, str | None]]:
    """Return line, entry, and the id or the rule of every record."""
    return [(r.line, r.entry, r.rule_id or r.record_id) for r in read(content)[0]]


def patient(id_: str) -> dict:
    return {"resourceType": "Patient", "id": id_}


def bundle(*resources: dict, **more: object) -> dict:
    entries = [{"resource": resource} for resource in resources]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries, **more}


def text(value: object, indent: int | None = None) -> bytes:
    return json.dumps(value, indent=indent).encode()


A, B, C = (text(patient(id_)) for id_ in "abc")


def test_joined_bundles_laid_out_over_lines_are_all_read():
    joined = b"\n".join(text(bundle(patient(x), patient(x * 2)), 2) for x in "abc")
    numbered = enumerate(["a", "aa", "b", "bb", "c", "cc"], 1)
    assert places(joined) == [(number, "0", id_) for number, id_ in numbered]


def test_joined_arrays_and_resources_laid_out_over_lines_are_all_read():
    joined = text([patient("a")], 2) + text(patient("b"), 2) + b"\n\n" + text([patient("c")], 2)
    assert places(joined) == [(1, "0", "a"), (2, "0", "b"), (3, "0", "c")]


def test_values_joined_on_a_line_are_all_read_and_numbered_on_it():
    line = A + B + b" " + text(bundle(patient("c"), patient("d")))
    assert places(A + b"\n" + line + b"\n" + B) == [
        (1, "0", "a"),
        *((2, "1", "a"), (2, "2", "b"), (2, "3", "c"), (2, "4", "d")),
        (3, "0", "b"),
    ]


def test_what_follows_a_value_and_is_none_is_quarantined():
    assert places(A + b" }, nope\n" + B) == [(1, "1", "a"), (1, "2", "json_invalid"), (2, "0", "b")]
    pretty = text(bundle(patient("a")), 2)
    assert places(pretty + b" ]") == [(1, "0", "a"), (2, "0", "json_invalid")]


def test_a_value_over_lines_among_lines_is_one_record_at_its_first_line():
    pretty = text(patient("p"), 2)
    assert places(A + b"\n" + pretty + b"\n" + B) == [(1, "0", "a"), (2, "0", "p"), (6, "0", "b")]
    entries = text(bundle(patient("c"), patient("d")), 2)
    assert places(A + b"\n" + entries)[1:] == [(2, "1", "c"), (2, "2", "d")]


def test_files_with_byte_order_marks_may_be_joined():
    mark = b"\xef\xbb\xbf"
    joined = mark + A + b"\n" + mark + B + mark + C + b"\n" + mark + b"\n"
    assert places(joined) == [(1, "0", "a"), (2, "1", "b"), (2, "2", "c")]


def test_lines_whose_first_is_a_long_bundle_are_lines():
    long = bundle({"resourceType": "Binary", "id": "x", "data": "A" * 2**20}, patient("a"))
    content = text(long) + b"\n" + text(bundle(patient("b"))) + b"\n" + C + b"\n"
    assert places(content) == [(1, "1", "x"), (1, "2", "a"), (2, "1", "b"), (3, "0", "c")]


def test_a_bundle_is_known_by_its_type_wherever_that_is():
    late = {key: value for key, value in bundle(*map(patient, "ab")).items() if key == "entry"}
    filler = {"id": "x" * 5000, **late, "resourceType": "Bundle"}
    assert places(text(filler) + b"\n" + C) == [(1, "1", "a"), (1, "2", "b"), (2, "0", "c")]
    assert places(text(filler, 1)) == [(1, "0", "a"), (2, "0", "b")]
    escaped = text(bundle(patient("a"))).replace(b'"resourceType": "B', b'"resource\\u0054ype": "B')
    assert places(escaped) == [(1, "0", "a")]


def test_bundles_in_bundles_are_opened_and_numbered_as_a_path():
    inner = bundle(patient("b"), bundle(patient("c")))
    outer = bundle(patient("a"), inner, patient("d"))
    numbered = [(1, "0", "a"), (2, "1", "b"), (2, "2.1", "c"), (3, "0", "d")]
    assert places(text(outer)) == places(text(outer, 2)) == numbered
    on_a_line = [(1, "1", "a"), (1, "2.1", "b"), (1, "2.2.1", "c"), (1, "3", "d"), (2, "0", "b")]
    assert places(text(outer) + b"\n" + B) == on_a_line
    assert places(text([bundle(patient("a")), patient("b")])) == [(1, "1", "a"), (2, "0", "b")]


def test_records_say_which_bundle_they_came_in():
    outer = text(bundle(patient("a"), bundle(patient("b")), patient("c")))
    content = outer + b"\n" + A + b"\n" + outer
    a, b, c, alone, a2, b2, c2 = [record.bundle for record in read(content)[0]]
    assert a == c == "0"
    assert b == f"0/{content.index(b'{', 60 + content[60:].index(b'Bundle') - 25)}" or b.startswith(
        "0/"
    )
    assert alone is None
    assert a2 == c2 != a
    assert len({a, b, a2, b2}) == 4


def test_bundles_nested_without_end_are_quarantined():
    deep: dict = patient("a")
    for _ in range(100):
        deep = bundle(deep)
    (own,) = read(text(deep))[0]
    assert own.rule_id == "record_unreadable"


@pytest.mark.parametrize(
    "content",
    [
        b'{"resourceType":"Bundle","entry":[\n{"resource":' + A + b"}\n]}\n",
        b"[\n" + A + b"\n]",
        b"[\n  " + A + b"\n]\n",
        b"[" + A + b"\n]",
        b"[\n" + A + b"]",
    ],
)
def test_one_entry_on_a_line_of_its_own_is_an_entry(content):
    assert places(content) == [(1, "0", "a")]


@pytest.mark.parametrize("between", [b"\n,", b",\n", b"\n,\n", b",\n  "])
def test_lists_laid_out_line_by_line_are_lists(between):
    wanted = [(1, "0", "a"), (2, "0", "b"), (3, "0", "c")]
    assert places(b"[\n" + between.join([A, B, C]) + b"\n]") == wanted
    entries = between.join(b'{"resource":%s}' % resource for resource in (A, B, C))
    assert places(b'{"resourceType":"Bundle","entry":[\n' + entries + b"\n]}") == wanted


@pytest.mark.parametrize(
    "cut", [b'{"a', b'{"a":', b'{"a":[', b'{"a":[{"b":1},', b'{"a":"b"', b"[", b"{"]
)
def test_a_line_cut_off_spoils_no_other(cut):
    good = [(2, "0", "a"), (3, "0", "b")]
    assert places(cut + b"\n" + A + b"\n" + B)[-2:] == good
    assert places(cut + b"\n" + A)[-1:] == good[:1]
    assert places(A + b"\n" + cut + b"\n" + B)[::2] == [(1, "0", "a"), (3, "0", "b")]
    assert [found[2] for found in places(A + b"\n" + cut + b"\n" + cut + b"\n" + B)][-1] == "b"


def test_a_broken_entry_spoils_no_other():
    broken = b'{"resource":{"resourceType":"Patient","id":"x",,}}'
    entries = b",\n".join([b'{"resource":%s}' % A, broken, b'{"resource":%s}' % B])
    found = [(1, "0", "a"), (2, "0", "json_invalid"), (3, "0", "b")]
    assert places(b'{"resourceType":"Bundle","entry":[\n' + entries + b"\n]}") == found
    one_line = (b'{"resourceType":"Bundle","entry":[' + entries + b"]}").replace(b"\n", b"")
    assert places(one_line) == found


def test_a_document_cut_off_spoils_no_document_joined_to_it():
    cut = text(bundle(patient("a"), patient("b")), 2)[:-30]
    found = places(cut + b"\n" + text(bundle(patient("c")), 2))
    assert found == [(1, "0", "a"), (2, "0", "document_broken"), (3, "0", "c")]


def test_a_document_with_a_fault_and_cut_off_spoils_none_joined_to_it():
    cut = text(bundle(patient("a"), patient("b"), patient("x")), 2)[:-30].replace(b'"b"', b'"b",,')
    found = places(cut + b"\n" + text(bundle(patient("c")), 2))
    assert [what for _, _, what in found] == ["a", "json_invalid", "document_broken", "c"]


def test_a_bundle_cut_off_before_it_names_its_type_keeps_its_whole_entries():
    cut = b'{"entry":[{"resource":' + A + b'},{"resource":' + B[:-3]
    found = [(1, "1", "a"), (1, "2", "document_broken"), (2, "0", "c")]
    assert places(cut + b"\n" + C) == found
    listed = b'{"entry":[{"item":{"reference":"Patient/a"}}],"resou'
    assert places(listed + b"\n" + C) == [(1, "0", "json_invalid"), (2, "0", "c")]


def test_reading_broken_values_takes_time_in_proportion_to_the_file():
    seconds = []
    for count in (500, 4000):
        content = b"[\n" + A + b"\n,\n"
        start = time.process_time()
        assert len(places(content * count)) == 3 * count
        seconds.append(time.process_time() - start)
    assert seconds[1] < 40 * seconds[0]


def test_a_bundle_without_a_list_of_entries_is_quarantined():
    assert places(text(bundle(entry={"resource": patient("a")}))) == [(1, "0", "record_unreadable")]
    assert places(text(bundle(entry=None)) + b"\n" + A) == [(2, "0", "a")]


def test_no_entry_is_lost_between_repeated_members():
    twice = b'{"resourceType":"Bundle","entry":[{"resource":%s}],"entry":[{"resource":%s}]}'
    assert places(twice % (A, B)) == [(1, "0", "a"), (2, "0", "b")]
    both = b'{"resourceType":"Bundle","entry":[{"resource":%s,"resource":%s}]}'
    assert places(both % (A, B)) == [(1, "0", "record_unreadable")]


def test_messages_of_servers_are_ignored_and_counted():
    outcome = {"resourceType": "OperationOutcome", "issue": []}
    searched = bundle(patient("a"))
    searched["entry"] += [
        {"resource": outcome | {"id": "o"}, "search": {"mode": "outcome"}},
        {"resource": outcome},
        {"response": {"status": "204"}},
        {"resource": patient("b"), "search": {"mode": "outcome"}},
    ]
    content = text(searched) + b"\n" + text(outcome) + b"\n" + text(outcome | {"id": "o"})
    records, account = read(content)
    assert [(r.record_type, r.record_id) for r in records] == [
        *(("Patient", "a"), ("Patient", "b"), ("OperationOutcome", "o"))
    ]
    assert (account.entries_passed, account.quarantined) == (4, 0)
    assert account.passed == sum(map(len, map(text, searched["entry"][1:4]))) + len(text(outcome))


def test_an_entry_that_may_delete_and_does_not_say_so_is_quarantined():
    for request in ({"method": ["DELETE"], "url": "Patient/1"}, "DELETE", {"url": "Patient/1"}):
        entry = {"resourceType": "Bundle", "entry": [{"request": request}]}
        assert places(text(entry)) == [(1, "0", "delete_target_unknown")]
    lower = {
        "resourceType": "Bundle",
        "entry": [{"request": {"method": "delete", "url": "Patient/1"}}],
    }
    assert places(text(lower)) == [(1, "0", "1")]


@pytest.mark.parametrize(
    "nested", [b"[" * 200_000, b'{"a":' * 200_000, b"[[" * 99 + b"1" + b"]]" * 99]
)
def test_nesting_without_end_spoils_no_other_line(nested):
    found = places(A + b"\n" + nested + b"\n" + B)
    assert (found[0], found[-1]) == ((1, "0", "a"), (3, "0", "b"))
    assert all(
        rule in ("json_invalid", "not_an_object", "document_broken") for _, _, rule in found[1:-1]
    )


def test_memory_does_not_grow_with_a_file_of_lines_or_with_a_document():
    entry = b'{"resource":{"resourceType":"Patient","id":"%d","text":"' + b"x" * 1000 + b'"}}'
    with tempfile.TemporaryFile() as stream:
        stream.write(b'{"resourceType":"Bundle","entry":[')
        stream.write(b",".join(entry % number for number in range(6_000)))
        stream.write(b"]}\n")
        tracemalloc.start()
        assert sum(1 for _ in FileReader(stream).records()) == 6_000
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < 3 * 2**20
