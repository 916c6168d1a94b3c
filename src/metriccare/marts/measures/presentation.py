"""How a measure is shown: the view that gives it, and its section of the report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Chart(StrEnum):
    """The kinds of chart a section of the report may have."""

    # One bar for each hospital, over all time; of one measure.
    HOSPITAL_BARS = "hospital_bars"
    # One line for each measure, over the years, all hospitals together.
    YEAR_LINES = "year_lines"
    # The events of one measure by the code they were recorded with.
    CODE_DONUT = "code_donut"


@dataclass(frozen=True)
class Section:
    """A section of the report: its chart, and the words around it.

    Measures that share a chart name the same section.
    """

    id: str
    chart: Chart
    title: str
    note: str
    # What the table below the chart holds.
    caption: str
    # The view that gives BI tools what the chart draws.
    view: str | None = None


@dataclass(frozen=True)
class Subject:
    """What measures are about: those of one subject share the view `metric_<name>`."""

    name: str
    title: str

    @property
    def view(self) -> str:
        """Return the name of the view that gives the results of its measures."""
        return f"metric_{self.name}"
