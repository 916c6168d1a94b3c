"""Published rows of revenue: those of the worked example, February closed on its last day."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from metriccare.marts.revenue.closed import Close, closing_rows
from metriccare.marts.revenue.published import published
from metriccare.marts.revenue.results import results_as_of
from metriccare.settings import INTERNAL, RevenueSettings
from tests.marts.revenue import ledgers
from tests.marts.revenue.worked_example import ACCOUNTS, AS_OF, DENIALS, REMITS

FEBRUARY, LAST_OF_FEBRUARY = date(2024, 2, 1), date(2024, 2, 29)
MORE = {"denial": DENIALS, "remit": REMITS}


def revenue_rows() -> dict[str, Sequence[Mapping[str, Any]]]:
    """Return the rows of the published tables by their name."""
    known = [
        replace(a, entries=[e for e in a.entries if e.day <= LAST_OF_FEBRUARY]) for a in ACCOUNTS
    ]
    with ledgers.engine() as engine:
        early = results_as_of(
            engine, ledgers.relations(engine, known, MORE), {"a": LAST_OF_FEBRUARY}, _RULES
        )
        closed = closing_rows(early.figures, (), Close(FEBRUARY, _CLOSED_AT))
        tables = ledgers.relations(engine, ACCOUNTS, MORE)
        results = results_as_of(engine, tables, {"a": AS_OF}, _RULES)
        found = published(engine, results, INTERNAL, closed=closed)
        return {f"publish.{name}": engine.rows(rows) for name, rows in found.items()}


_RULES = RevenueSettings()
_CLOSED_AT = datetime(2024, 3, 5)  # noqa: DTZ001
