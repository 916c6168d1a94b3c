"""Published results: of one measure or all, overall or by stratum, for one grain."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from metriccare.errors import UsageError
from metriccare.marts.measures import BY_ID, MEASURES
from metriccare.marts.periods import ALL, GRAINS
from metriccare.query.engine import Rows, SqlEngine
from metriccare.tables.strata import OVERALL, STRATUM_TYPES

BY = tuple(name for name in STRATUM_TYPES if name != OVERALL)
_ORDER = {measure.id: place for place, measure in enumerate(MEASURES)}


def published_metrics(
    engine: SqlEngine, measure_id: str | None, by: str | None, grain: str | None
) -> Rows:
    """Return published results: of one measure or all, overall or by stratum, for one grain.

    Raises UsageError for an id, stratum or grain that does not exist.
    """
    ids = [choice("measure", measure_id, tuple(BY_ID))] if measure_id else list(BY_ID)
    stratum = choice("--by", by, BY) if by else OVERALL
    chosen = choice("--grain", grain, GRAINS) if grain else ALL
    # The words are choices checked above, never what was typed.
    union = " UNION ALL ".join(
        f"SELECT * FROM {view} WHERE stratum_type = '{stratum}' AND grain = '{chosen}'"  # noqa: S608
        for view in sorted({BY_ID[one].subject.view for one in ids})
    )
    found = engine.query(union)
    kept = [row for row in found.rows if _field(found, row, "measure_id") in ids]
    return Rows(found.columns, tuple(sorted(kept, key=lambda row: _sort_key(found, row))))


def choice(what: str, found: str, known: Sequence[str]) -> str:
    """Return the word if it is known; UsageError lists those that are."""
    if found not in known:
        raise UsageError(f"There is no {what} {found!r}; known: {', '.join(known)}.")
    return found


def _field(found: Rows, row: Sequence[Any], name: str) -> Any:
    return row[found.columns.index(name)]


def _sort_key(found: Rows, row: Sequence[Any]) -> tuple[Any, ...]:
    start = _field(found, row, "period_start")
    return (
        _field(found, row, "tenant"),
        _ORDER[_field(found, row, "measure_id")],
        start or date.min,
        _field(found, row, "stratum_label") or "",
        _field(found, row, "stratum_value") or "",
    )
