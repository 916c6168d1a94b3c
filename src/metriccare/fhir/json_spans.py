"""Where the parts of a JSON text begin and end, without parsing them.

A bundle is split by these spans so that each resource keeps its exact bytes, and so that memory
does not grow with the file: the buffer may be a memory map.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator

Buffer = bytes | mmap.mmap
Span = tuple[int, int]

_STRING = rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_SPACE = re.compile(rb"[ \t\r\n]*+")
_STRING_TOKEN = re.compile(_STRING, re.DOTALL)
_NESTING_TOKEN = re.compile(_STRING + rb"|[{}\[\]]", re.DOTALL)
_SCALAR = re.compile(rb"[^\s,\]}\[{:\"]++")


class BrokenJson(ValueError):
    """The text stops being JSON at `position`."""

    def __init__(self, position: int, wanted: str) -> None:
        super().__init__(f"wanted {wanted} at byte {position}")
        self.position = position
        self.wanted = wanted


def skip_space(buffer: Buffer, position: int) -> int:
    """Return the position of the next byte that is not white space."""
    match = _SPACE.match(buffer, position)
    return match.end() if match else position


def value_end(buffer: Buffer, position: int) -> int:
    """Return the end of the value that starts at `position`; BrokenJson when it has none."""
    opening = buffer[position : position + 1]
    if opening in (b"{", b"["):
        return _nested_end(buffer, position)
    pattern = _STRING_TOKEN if opening == b'"' else _SCALAR
    match = pattern.match(buffer, position)
    if match is None:
        raise BrokenJson(position, "a value")
    return match.end()


def _nested_end(buffer: Buffer, position: int) -> int:
    depth = 0
    for token in _NESTING_TOKEN.finditer(buffer, position):
        start = token.start()
        byte = buffer[start]
        if byte in b"{[":
            depth += 1
        elif byte in b"}]":
            depth -= 1
            if depth == 0:
                return token.end()
    raise BrokenJson(len(buffer), "the end of an object or array")


def members(buffer: Buffer, position: int) -> Iterator[tuple[str, Span]]:
    """Yield the names and value spans of the object that starts at `position`."""
    position = skip_space(buffer, position + 1)
    while buffer[position : position + 1] != b"}":
        key = _STRING_TOKEN.match(buffer, position)
        if key is None:
            raise BrokenJson(position, "a member name or the end of an object")
        colon = skip_space(buffer, key.end())
        _expect(buffer, colon, b":")
        start = skip_space(buffer, colon + 1)
        end = value_end(buffer, start)
        yield key.group()[1:-1].decode("utf-8", "replace"), (start, end)
        position = _after_comma(buffer, end, b"}")


def elements(buffer: Buffer, position: int) -> Iterator[Span]:
    """Yield the spans of the elements of the array that starts at `position`."""
    position = skip_space(buffer, position + 1)
    while buffer[position : position + 1] != b"]":
        end = value_end(buffer, position)
        yield position, end
        position = _after_comma(buffer, end, b"]")


def _after_comma(buffer: Buffer, position: int, closing: bytes) -> int:
    position = skip_space(buffer, position)
    if buffer[position : position + 1] == closing:
        return position
    _expect(buffer, position, b",")
    return skip_space(buffer, position + 1)


def _expect(buffer: Buffer, position: int, wanted: bytes) -> None:
    if buffer[position : position + 1] != wanted:
        raise BrokenJson(position, f"'{wanted.decode()}'")
