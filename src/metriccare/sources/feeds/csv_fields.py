"""The fields of one CSV record, and whether its last quoted field is closed.

The rules are those of Python's csv module: a quote opens a field only at the field's start, two
quotes in an open field are one, and what follows the closing quote belongs to the field.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from typing import NamedTuple


class _Patterns(NamedTuple):
    """Patterns for one delimiter: of lines as bytes, of a field as text."""

    closed: re.Pattern[bytes]
    closing: re.Pattern[bytes]
    field: re.Pattern[str]


@cache
def _patterns(delimiter: str) -> _Patterns:
    d = re.escape(delimiter)
    quoted, plain = rf'"(?:[^"]++|"")*+"[^{d}]*+', rf'[^"{d}][^{d}]*+'
    field = rf"(?:{quoted}|{plain})?"
    return _Patterns(
        re.compile(rf"(?:{field}{d})*+{field}\Z".encode()),
        re.compile(rf'(?:[^"]++|"")*+"(?:{d}{field})*+\Z'.encode()),
        re.compile(rf'"((?:[^"]++|"")*+)"([^{d}]*+)|([^{d}]*+)'),
    )


def is_closed(line: bytes, delimiter: str) -> bool:
    """Return True if a line that starts a record ends outside of quoted fields."""
    return _patterns(delimiter).closed.match(line) is not None


def closes(line: bytes, delimiter: str) -> bool:
    """Return True if a line that starts inside a quoted field ends outside of quoted fields.

    The closing quote must be the field's end: a quote that was never closed would else end at the
    first quote of a later row.
    """
    return _patterns(delimiter).closing.match(line) is not None


def fields_of(text: str, delimiter: str) -> list[str]:
    """Return the fields of a record whose quoted fields are closed."""
    try:
        return next(csv.reader((text,), delimiter=delimiter))
    except (csv.Error, StopIteration):
        # The csv module refuses long fields and carriage returns.
        return _fields(text, delimiter)


def _fields(text: str, delimiter: str) -> list[str]:
    field, position, values = _patterns(delimiter).field, 0, []
    while True:
        match = field.match(text, position)
        if match is None:  # pragma: no cover - the last alternative matches always
            raise ValueError("a field that no pattern matches")
        inside, after, plain = match.groups()
        values.append(plain if inside is None else inside.replace('""', '"') + after)
        position = match.end() + 1
        if position > len(text):
            return values
