"""What is kept of an error of the rules over one person.

Its class and the place in our own code, nothing of a record: an error's words could quote one.
"""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import metriccare

_PACKAGE = Path(metriccare.__file__).parent
# What a person's row says when the rules failed; a person who was computed has nulls there.
FAILURE = (("error", "string"), ("place", "string"), ("has_outcome", "boolean"))


def failure_of(error: Exception, *, has_outcome: bool) -> dict[str, Any]:
    """Return what is kept of an error of the rules over a person."""
    return {
        "error": type(error).__name__,
        "place": place_of(error.__traceback__),
        "has_outcome": has_outcome,
    }


def place_of(trace: TracebackType | None) -> str:
    """Return the innermost file and line of our own code that an error came through."""
    place = "unknown"
    while trace is not None:
        path = Path(trace.tb_frame.f_code.co_filename)
        if path.is_relative_to(_PACKAGE):
            place = f"{path.relative_to(_PACKAGE)}:{trace.tb_lineno}"
        trace = trace.tb_next
    return place
