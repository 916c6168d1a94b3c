"""Where the parts of a JSON text begin and end, without building them.

A bundle is split by these spans so that each resource keeps its exact bytes, and so that memory
does not grow with the file: the buffer may be a memory map. Every function reads up to `end` and
no further.

msgspec finds the end of what is JSON, at about 800 MB a second. Where it finds a fault, brackets
and strings are counted instead, ten to twenty times slower: a fault inside an element then spoils
no other, and what comes before the place where a document breaks off is still read.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator

import msgspec
import orjson

Buffer = bytes | mmap.mmap
Span = tuple[int, int]
Member = tuple[str, Span]

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING_TOKEN = re.compile(_STRING, re.DOTALL)
# The next bracket that is not part of a string; a quote that nothing closes is passed over.
_BRACKET = re.compile(rb'(?:[^"{}\[\]]++|' + _STRING + rb'|")*+[{}\[\]]', re.DOTALL)
_SCALAR = re.compile(rb"[^\s,\]}\[{:\"]++")
_decode = msgspec.json.Decoder(msgspec.Raw).decode
# msgspec decodes whole texts only, but says where a value ended that something follows: the number
# of bytes up to and with the first that is not white space. A release that said it otherwise would
# make reading slower, not wrong; a test of these words would fail.
_FOLLOWED = re.compile(r"trailing characters \(byte (\d+)\)")


class BrokenJson(ValueError):
    """The text stops being JSON at `position`."""

    def __init__(self, position: int, wanted: str) -> None:
        super().__init__(f"wanted {wanted} at byte {position}")
        self.position = position
        self.wanted = wanted


def skip_space(buffer: Buffer, position: int, end: int) -> int:
    """Return the position of the next byte that is not white space."""
    match = _SPACE.match(buffer, position, end)
    return match.end() if match else position


def value_end(buffer: Buffer, position: int, end: int) -> int:
    """Return the end of the value that starts at `position`; BrokenJson when it has none."""
    opening = buffer[position : min(position + 1, end)]
    if opening in (b"{", b"["):
        stop = well_formed_end(buffer, position, end)
        return stop if stop is not None else counted_end(buffer, position, end)
    pattern = _STRING_TOKEN if opening == b'"' else _SCALAR
    match = pattern.match(buffer, position, end)
    if match is None:
        raise BrokenJson(position, "a value")
    return match.end()


def well_formed_end(buffer: Buffer, position: int, end: int) -> int | None:
    """Return the end of the JSON value that starts at `position`, None when it is not JSON.

    Bytes that are not UTF-8 are not looked for.
    """
    stop = end
    try:
        _decode(memoryview(buffer)[position:end])
    except msgspec.DecodeError as error:
        followed = _FOLLOWED.search(str(error))
        if followed is None:
            return None
        stop = position + int(followed[1]) - 1
    except RecursionError:
        return None
    while buffer[stop - 1] in b" \t\r\n":
        stop -= 1
    return stop


def counted_end(buffer: Buffer, position: int, end: int) -> int:
    """Return where the brackets that open at `position` are closed; BrokenJson if nowhere."""
    depth = 0
    bracket = _BRACKET.match
    while match := bracket(buffer, position, end):
        position = match.end()
        if buffer[position - 1] in b"{[":
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                return position
    raise BrokenJson(end, "the end of an object or array")


def members(buffer: Buffer, position: int, end: int) -> Iterator[Member]:
    """Yield the names and value spans of the object that starts at `position`.

    Before BrokenJson is raised for a value without an end, what there is of it is yielded.
    """
    position = skip_space(buffer, position + 1, end)
    while _byte(buffer, position, end) != b"}":
        key = _STRING_TOKEN.match(buffer, position, end)
        if key is None:
            raise BrokenJson(position, "a member name or the end of an object")
        colon = skip_space(buffer, key.end(), end)
        _expect(buffer, colon, end, b":")
        start = skip_space(buffer, colon + 1, end)
        try:
            stop = value_end(buffer, start, end)
        except BrokenJson:
            yield _name(key.group()), (start, end)
            raise
        yield _name(key.group()), (start, stop)
        position = _after_comma(buffer, stop, end, b"}")


def _name(key: bytes) -> str:
    if b"\\" in key:
        try:
            return str(orjson.loads(key))
        except orjson.JSONDecodeError:
            pass
    return key[1:-1].decode("utf-8", "replace")


def parsed(buffer: Buffer, span: Span) -> object:
    """Return the value of a span; BrokenJson when it has none."""
    try:
        return orjson.loads(buffer[span[0] : span[1]])
    except orjson.JSONDecodeError as error:
        raise BrokenJson(span[0] + error.pos, "JSON") from error


def elements(buffer: Buffer, position: int, end: int) -> Iterator[Span]:
    """Yield the spans of the elements of the array that starts at `position`."""
    position = skip_space(buffer, position + 1, end)
    while _byte(buffer, position, end) != b"]":
        stop = value_end(buffer, position, end)
        yield position, stop
        position = _after_comma(buffer, stop, end, b"]")


def _after_comma(buffer: Buffer, position: int, end: int, closing: bytes) -> int:
    position = skip_space(buffer, position, end)
    if _byte(buffer, position, end) == closing:
        return position
    _expect(buffer, position, end, b",")
    return skip_space(buffer, position + 1, end)


def _expect(buffer: Buffer, position: int, end: int, wanted: bytes) -> None:
    if _byte(buffer, position, end) != wanted:
        raise BrokenJson(position, f"'{wanted.decode()}'")


def _byte(buffer: Buffer, position: int, end: int) -> bytes:
    return buffer[position : min(position + 1, end)]
