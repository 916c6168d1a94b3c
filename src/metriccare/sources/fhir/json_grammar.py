"""Where a JSON value ends by the grammar, in one pass and without building it.

It separates a value over several lines from a line that was cut off: the first goes on as JSON
must, the second is followed by something that JSON does not allow there. Source: RFC 8259.
"""

from __future__ import annotations

import re

from metriccare.sources.fhir.json_spans import BrokenJson, Buffer, value_end, well_formed_end

# Most lines of bulk exports are shorter: one that was cut off is known by then. Counting
# brackets is twice as fast.
_ENOUGH = 2**17

_SPACE = rb"[ \t\r\n]*+"
_STRING = rb'"(?:[^"\\\x00-\x1f]++|\\["\\/bfnrtu])*+"'
_NUMBER = rb"-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+"
_NAME = _STRING + _SPACE + rb":" + _SPACE
# What nothing can be nested in.
_PLAIN = (
    rb"(?:" + _STRING + rb"|" + _NUMBER + rb"|true|false|null"
    rb"|\{" + _SPACE + rb"\}|\[" + _SPACE + rb"\])"
)
_MEMBERS = _SPACE + rb"(?:" + _NAME + _PLAIN + _SPACE + rb"," + _SPACE + rb")*+"
_ELEMENTS = _SPACE + rb"(?:" + _PLAIN + _SPACE + rb"," + _SPACE + rb")*+"
# From inside an object or array to its next bracket: one that opens, or its own.
_OBJECT = _MEMBERS + _NAME + rb"(?:" + _PLAIN + _SPACE + rb"\}|[{\[])"
_ARRAY = _ELEMENTS + rb"(?:" + _PLAIN + _SPACE + rb"\]|[{\[])"

_IN = {b"{"[0]: re.compile(_OBJECT), b"["[0]: re.compile(_ARRAY)}
_AFTER = {
    b"{"[0]: re.compile(_SPACE + rb"(?:\}|," + _OBJECT + rb")"),
    b"["[0]: re.compile(_SPACE + rb"(?:\]|," + _ARRAY + rb")"),
}
_EMPTY = re.compile(rb"\{" + _SPACE + rb"\}|\[" + _SPACE + rb"\]")
# To find out where one of the patterns above stopped.
_STEPS = {
    b"{"[0]: (re.compile(_MEMBERS), re.compile(_NAME)),
    b"["[0]: (re.compile(_ELEMENTS), re.compile(rb"")),
}
_VALUE = re.compile(_PLAIN + _SPACE)
_COMMA = re.compile(_SPACE + rb",?")


def whole_end(buffer: Buffer, position: int, end: int) -> int:
    """Return the end of the object or array that starts at `position`.

    In a value that is not JSON, brackets alone are counted after `_ENOUGH` bytes without a fault: a
    fault further on is that of one element. Raises BrokenJson with the position where the grammar
    is broken, `end` when nothing but the end of the text breaks it.
    """
    stop = well_formed_end(buffer, position, end)
    if stop is not None:
        return stop
    try:
        return _strict_end(buffer, position, end, position + _ENOUGH)
    except _Enough:
        pass
    try:
        return value_end(buffer, position, end)
    except BrokenJson:
        return _strict_end(buffer, position, end, end)


class _Enough(Exception):
    """The text has gone on as JSON for long enough."""


def _strict_end(buffer: Buffer, position: int, end: int, enough: int) -> int:
    empty = _EMPTY.match(buffer, position, end)
    if empty is not None:
        return empty.end()
    open_brackets = bytearray(buffer[position : position + 1])
    position, patterns = position + 1, _IN
    while open_brackets:
        match = patterns[open_brackets[-1]].match(buffer, position, end)
        if match is None:
            raise _fault(buffer, position, end, open_brackets[-1], is_after=patterns is _AFTER)
        position = match.end()
        if position > enough:
            raise _Enough
        bracket = buffer[position - 1]
        if bracket in b"{[":
            open_brackets.append(bracket)
            patterns = _IN
        else:
            open_brackets.pop()
            patterns = _AFTER
    return position


def _fault(buffer: Buffer, position: int, end: int, bracket: int, *, is_after: bool) -> BrokenJson:
    """Return what is wrong with what follows `position` in an object or array."""
    if is_after:
        comma = _COMMA.match(buffer, position, end)
        if comma is None or not comma.group().endswith(b","):
            return BrokenJson(comma.end() if comma else position, "',' or a closing bracket")
        position = comma.end()
    for step in _STEPS[bracket]:
        match = step.match(buffer, position, end)
        if match is None:
            return BrokenJson(position, "a member name")
        position = match.end()
    value = _VALUE.match(buffer, position, end)
    if value is None:
        return BrokenJson(position, "a value")
    return BrokenJson(value.end(), "',' or a closing bracket")
