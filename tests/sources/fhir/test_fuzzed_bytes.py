"""Whatever bytes a file holds: no exception, no byte lost, and no line spoils another.

Each test draws inputs from a fixed seed until its processor time is used up;
METRICCARE_FUZZ_SECONDS gives it more.
"""

from __future__ import annotations

import itertools
import os
import random
import tempfile
import time
from collections.abc import Iterator

import pytest

from metriccare.sources.fhir.byte_account import ByteAccount
from metriccare.sources.fhir.exchange import FileReader, Lines
from metriccare.sources.fhir.values import LocatedRecord

SECONDS = float(os.environ.get("METRICCARE_FUZZ_SECONDS", "2"))


def resource(id_: str, more: str = "") -> bytes:
    return f'{{"resourceType":"Patient","id":"{id_}"{more}}}'.encode()


ONE = resource("one", ',"name":[{"family":"a]}{[\\"b"}],"multipleBirthInteger":1.10')
TWO = resource("two", ',"meta":{"lastUpdated":"2024-01-01T00:00:00Z"}')
PRETTY = b'{\n  "resourceType": "Patient",\n  "id": "p",\n  "name": [\n    {}\n  ]\n}'
ENTRIES = (
    b'{"fullUrl":"urn:uuid:1","resource":%s},\n{"request":{"method":"DELETE","url":"Patient/9"}}'
)
BUNDLE = b'{"resourceType":"Bundle","type":"batch","entry":[' + ENTRIES % ONE + b"]}"
SORTED = b'{"entry":[' + ENTRIES % TWO + b'],"resourceType":"Bundle"}'
OUTER = b'{"resourceType":"Bundle","entry":[{"resource":%s},{"resource":%s}]}' % (BUNDLE, TWO)
FORMS = (
    ONE + b"\n" + TWO + b"\n",
    b"\xef\xbb\xbf" + ONE + b"\r\n\r\n" + TWO,
    b"[" + ONE + b",\n" + TWO + b"]\n",
    b"[\n" + ONE + b"\n," + TWO + b"\n]",
    PRETTY + b"\n" + PRETTY,
    BUNDLE,
    SORTED.replace(b"\n", b"") + b"\n" + ONE + b"\n",
    OUTER + b"\n",
    b'{"resourceType":"Bundle","entry":[\n' + ENTRIES % ONE + b"\n]}\n",
    BUNDLE.replace(b"\n", b"") + b"\n" + SORTED.replace(b"\n", b"") + b"\n",
    ONE + TWO + b"\n" + PRETTY + b"\n" + BUNDLE,
    b"",
    b"17\nnull\nnope\n",
)
PIECES = (
    *(b"{", b"}", b"[", b"]", b'"', b"\\", b",", b":", b"\n", b"\r\n", b" ", b"\x00", b"\xff"),
    *(b"{}", b"[]", b"null", b"1e999", b'"\\ud800"', b"\xef\xbb\xbf", b'{"resourceType":"Bundle"'),
    *(b'"entry":[', b'"resource":', b"]}", b"\n{", b"\n[", ONE, TWO, BUNDLE),
)


def read(content: bytes, lines: Lines | None = None) -> tuple[list[LocatedRecord], ByteAccount]:
    with tempfile.TemporaryFile() as stream:
        stream.write(content)
        reader = FileReader(stream, lines)
        found = list(reader.records())
    sizes = [(one.span[1] - one.span[0], one.record.rule_id is None) for one in found]
    good = sum(size for size, is_good in sizes if is_good)
    return found, reader.account(good, sum(size for size, _ in sizes) - good)


def drawn(seed: int) -> Iterator[random.Random]:
    """Yield generators of random numbers for as long as there is time."""
    end = time.process_time() + SECONDS
    while time.process_time() < end:
        seed += 1
        yield random.Random(seed)


def changed(content: bytes, rng: random.Random) -> bytes:
    """Return the bytes with one thing about them changed."""
    start, end = sorted(rng.randrange(len(content) + 1) for _ in range(2))
    return rng.choice(
        (
            content[:start],
            content[start:],
            content[:start] + content[end:],
            content[:start] + rng.choice(PIECES) + content[start:],
            content[:start] + rng.choice(PIECES) + content[start + 1 :],
            content[:start] + bytes([rng.randrange(256)]) + content[start + 1 :],
            content[:start] + content[start:end] * 2 + content[end:],
        )
    )


def assert_accounted(content: bytes) -> list[LocatedRecord]:
    found, account = read(content)
    assert (account.content, account.accounted) == (len(content), len(content)), content
    spans = [one.span for one in found]
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(spans)), content
    places = [(one.record.line, one.record.entry) for one in found]
    assert len(set(places)) == len(places), content
    for one in found:
        text = content[slice(*one.span)]
        assert one.record.raw == text[: len(one.record.raw)], content
        assert one.record.rule_id is not None or one.record.raw == text, content
    return found


@pytest.mark.parametrize("content", FORMS)
def test_every_form_as_it_is_accounts_for_every_byte(content):
    assert_accounted(content)


def test_changed_files_of_every_form_account_for_every_byte():
    for rng in drawn(1):
        content = rng.choice(FORMS)
        if rng.random() < 0.3:
            content += rng.choice((b"", b"\n", b" ")) + rng.choice(FORMS)
        for _ in range(rng.randrange(1, 5)):
            content = changed(content, rng)
        assert_accounted(content)


def test_rows_of_pieces_account_for_every_byte():
    for rng in drawn(2**20):
        assert_accounted(b"".join(rng.choices(PIECES, k=rng.randrange(1, 14))))


def test_one_changed_line_leaves_all_other_lines_as_they_were():
    bundle = BUNDLE.replace(b"\n", b"")
    for rng in drawn(2**21):
        lines = [resource(f"n{place}") for place in range(6)]
        lines[rng.randrange(6)] = bundle
        victim = rng.randrange(6)
        lines[victim] = rng.choice((changed(lines[victim], rng), changed(ONE, rng)))
        found = assert_accounted(b"\n".join(lines) + rng.choice((b"", b"\n")))
        kept = [one.record.raw for one in found if one.record.rule_id is None]
        others = [line for place, line in enumerate(lines) if place != victim]
        wanted = [ONE if line == bundle else line for line in others]
        assert all(kept.count(raw) >= wanted.count(raw) for raw in wanted), lines


def test_ranges_of_lines_add_up_to_the_file():
    for rng in drawn(2**22):
        content = b"".join(
            rng.choice((ONE, TWO, BUNDLE.replace(b"\n", b""), b"", b"{")) + b"\n" for _ in range(8)
        )
        ends = [place + 1 for place, byte in enumerate(content) if byte == 10]
        cut = rng.choice(ends)
        _, first = read(content, Lines(0, cut, 1))
        _, second = read(content, Lines(cut, len(content), ends.index(cut) + 2))
        total = first.plus(second)
        assert (total.content, total.accounted) == (len(content), len(content))
