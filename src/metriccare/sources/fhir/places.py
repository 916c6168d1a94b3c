"""Where in a file a record is, as people and keys name it: line and entry."""

from __future__ import annotations

from dataclasses import dataclass

from metriccare.sources.record import Place


@dataclass
class PlaceCounter:
    """The place of the next record: a line and the entry on it, or the number in a document.

    `within` is the place of a Bundle that is itself an entry: its entries are numbered below it.
    """

    line: int = 1
    by_line: bool = True
    count: int = 0
    within: Place | None = None

    def alone(self) -> Place:
        """Return the place of a resource that has its line to itself."""
        return (self.line, "0") if self.by_line else (self.count + 1, "0")

    def entry(self) -> Place:
        """Return the place of the next of several records."""
        if self.within is not None:
            line, outer = self.within
            return line, str(self.count + 1) if outer == "0" else f"{outer}.{self.count + 1}"
        return (self.line, str(self.count + 1)) if self.by_line else (self.count + 1, "0")

    def pass_lines(self, lines: int) -> None:
        """Go on with a later line."""
        if self.by_line:
            self.line, self.count = self.line + lines, 0
