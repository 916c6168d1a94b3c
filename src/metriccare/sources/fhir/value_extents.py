"""Where each value of a file ends, also a broken one: where the next value begins.

A fault must not swallow what follows it. A value over several lines goes on as JSON must; after a
line that was cut off comes something that JSON does not allow there.
"""

from __future__ import annotations

import re

from metriccare.sources.fhir.json_grammar import whole_end
from metriccare.sources.fhir.json_spans import BrokenJson, Buffer, members, skip_space, value_end

_SPACE = b" \t\r\n"
# Where a value begins that is not part of a layout: those are indented.
_AT_MARGIN = re.compile(rb"\n[{\[]")


class ValueExtents:
    """Finds the ends of the values of one buffer, asked for from its start to `end`."""

    def __init__(self, buffer: Buffer, end: int) -> None:
        self._buffer = buffer
        self._end = end
        # How far a broken value was followed: what begins before is judged by its line alone.
        self._followed = 0
        self._extents: dict[int, tuple[int, bool]] = {}

    def of(self, start: int) -> tuple[int, bool]:
        """Return where the value that starts here ends, and whether it is closed there.

        One that is broken reaches to where the next value begins.
        """
        if start not in self._extents:
            self._extents = {start: self._extent_from(start)}
        return self._extents[start]

    def _extent_from(self, start: int) -> tuple[int, bool]:
        line_end = self.line_end(start)
        if self._buffer[start] not in b"{[":
            return self._trimmed(start, line_end), False
        is_followed = start >= self._followed
        try:
            return whole_end(self._buffer, start, self._end if is_followed else line_end), True
        except BrokenJson as fault:
            broken_at = fault.position
        self._followed = max(self._followed, broken_at)
        reach = line_end
        if is_followed and broken_at > line_end:
            reach = self._next_value(line_end, broken_at)
        try:
            return value_end(self._buffer, start, reach), True
        except BrokenJson:
            margin = _AT_MARGIN.search(self._buffer, max(broken_at - 1, line_end), reach)
            return self._trimmed(start, margin.start() if margin else reach), False

    def _next_value(self, line_end: int, broken_at: int) -> int:
        """Return where the value after a broken one begins: at a line that is a resource by itself.

        The search stops at a value at the margin where the grammar allows none.
        """
        end = self._end
        if _AT_MARGIN.match(self._buffer, broken_at - 1, self._end):
            end = broken_at
        position = line_end
        while (position := self._buffer.find(b"\n{", position, end)) >= 0:
            position += 1
            if self._is_resource_line(position):
                return position
        return end

    def _is_resource_line(self, start: int) -> bool:
        line_end = self.line_end(start)
        try:
            end = whole_end(self._buffer, start, line_end)
            names = {name for name, _ in members(self._buffer, start, end)}
        except BrokenJson:
            return False
        return "resourceType" in names and skip_space(self._buffer, end, line_end) == line_end

    def _trimmed(self, start: int, end: int) -> int:
        while end > start and self._buffer[end - 1] in _SPACE:
            end -= 1
        return end

    def line_end(self, position: int) -> int:
        """Return where a line ends, before its line feed."""
        end = self._buffer.find(b"\n", position, self._end)
        return self._end if end < 0 else end
