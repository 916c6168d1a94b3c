"""What an engine answers to a case: a value a row, `error`, or `refused`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from metriccare.errors import UsageError
from metriccare.query.engine import SqlEngine
from metriccare.query.translate.refusals import Refused
from tests.query.shown.cases import Case

ERROR, REFUSED = "error", "refused"


def outcomes(engine: SqlEngine, case: Case) -> list[str]:
    """Return the outcome of every row; of an aggregate one for all rows and one for none."""
    places = list(range(len(case.rows)))
    if case.is_aggregate:
        return [_summed(engine, case, places), _summed(engine, case, places[:1])]
    if " OVER " in case.expression:
        return _together(engine, case, places)
    return _apart(engine, case, places)


def _summed(engine: SqlEngine, case: Case, places: Sequence[int]) -> str:
    try:
        return shown(engine.query(case.sql(places)).rows[0][0])
    except UsageError as error:
        return _failure(error)


def _together(engine: SqlEngine, case: Case, places: Sequence[int]) -> list[str]:
    try:
        return [shown(row[1]) for row in engine.query(case.sql(places)).rows]
    except UsageError as error:
        return [_failure(error)] * len(places)


def _apart(engine: SqlEngine, case: Case, places: Sequence[int]) -> list[str]:
    """Halve the rows until each failing row is alone."""
    try:
        return [shown(row[1]) for row in engine.query(case.sql(places)).rows]
    except UsageError as error:
        refused = isinstance(error, Refused) and "a row holds" not in str(error)
        if len(places) == 1 or refused:
            return [_failure(error)] * len(places)
    half = len(places) // 2
    return _apart(engine, case, places[:half]) + _apart(engine, case, places[half:])


def outcomes_with_try(engine: SqlEngine, case: Case) -> list[str]:
    """Return what `outcomes` does, with fewer queries, from an engine whose TRY reports errors."""
    tried = replace(case, expression=f"try({case.expression})")
    if case.is_aggregate or " OVER " in case.expression:
        return outcomes(engine, case)
    try:
        return [shown(row[1]) for row in engine.query(case.sql(range(len(case.rows)))).rows]
    except UsageError:
        found = outcomes(engine, tried)
    unsure = [place for place, one in enumerate(found) if one == "None"]
    if unsure:
        for place, one in zip(unsure, _apart(engine, case, unsure), strict=True):
            found[place] = one
    return found


def _failure(error: UsageError) -> str:
    return REFUSED if isinstance(error, Refused) else ERROR


def shown(value: Any) -> str:
    """Return a value as text in which equal values are equal and others are not."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return f"{value.replace(tzinfo=None).isoformat()} in {value.tzinfo}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"decimal {value}"
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    if isinstance(value, dict):
        pairs = sorted(f"{shown(key)}: {shown(one)}" for key, one in value.items())
        return f"{{{', '.join(pairs)}}}"
    return repr(value)
