"""What is kept of an error of the rules over one person.

Its class and the place in our own code, nothing of a record: an error's words could quote one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

import metriccare
from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.disposition import DEATHS, disposition_word
from metriccare.marts.stays.history import Coding

Row = Mapping[str, Any]
_PACKAGE = Path(metriccare.__file__).parent
# What a person's row says when the rules failed; a person who was computed has nulls there.
FAILURE = (("error", "string"), ("place", "string"), ("has_outcome", "boolean"))


def failure_of(error: Exception, row: Row, codes: CodeSets) -> dict[str, Any]:
    """Return what is kept of an error of the rules over a person's row."""
    return {
        "error": type(error).__name__,
        "place": place_of(error.__traceback__),
        "has_outcome": has_outcome(row, codes),
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


def has_outcome(row: Row, codes: CodeSets) -> bool:
    """Return True if a death or an infection may be among a person's rows.

    What cannot be looked at may be one.
    """
    try:
        return _may_be_dead(row, codes) or _may_be_infected(row, codes)
    except Exception:
        return True


def _may_be_dead(row: Row, codes: CodeSets) -> bool:
    left = (e["discharge_disposition_codings"] for e in row["encounters"] or ())
    return any(p["deceased"] or p["deceased_date"] for p in row["patients"] or ()) or any(
        disposition_word(_codings(codings), codes) in DEATHS for codings in left
    )


def _may_be_infected(row: Row, codes: CodeSets) -> bool:
    # Only results of tests that LabID events watch are among the rows.
    if row["results"]:
        return True
    diagnoses = [d["codings"] for c in row["claims"] or () for d in c["diagnoses"] or ()]
    conditions = [c["code_codings"] for c in row["conditions"] or ()]
    infections = codes["infections"]
    return any(infections.value(_codings(some)) is not None for some in (*conditions, *diagnoses))


def _codings(rows: Iterable[Row] | None) -> tuple[Coding, ...]:
    return tuple(Coding(r["system"], r["code"], r["display"]) for r in rows or ())
