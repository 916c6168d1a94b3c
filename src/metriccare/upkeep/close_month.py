"""Close a month: its figures, as they are known on its last day, are kept for ever.

Rows of gold.kpi_close are only ever added. Source: claims specification, 2.7.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from metriccare.engine.protocol import Changes, Engine, Operation, RelationT, Row
from metriccare.errors import UsageError
from metriccare.incremental.context import RunContext
from metriccare.incremental.table_changes import with_key
from metriccare.marts.periods import MONTH, period_end, period_start
from metriccare.marts.revenue.closed import Close, closing_rows, next_version
from metriccare.marts.revenue.results import results_as_of
from metriccare.pipeline.gold.claims_as_of import claims_as_of
from metriccare.tables.claims import ACCOUNT
from metriccare.tables.commit_note import CommitNote
from metriccare.tables.revenue import KPI_CLOSE

STEP = "close"
_OPEN = """
select distinct a.tenant
from account as a
left anti join closed as c on a.tenant = c.tenant and c.period_start = :month
"""
# The claims tables of some tenants, computed with what is known, as of a date.
ClaimsAsOf = Callable[[Mapping[str, date]], Mapping[str, RelationT]]


@dataclass(frozen=True)
class ClosedMonth:
    """What was closed: how many figures, of which tenants."""

    month: date
    tenants: tuple[str, ...]
    figures: int


@dataclass(frozen=True)
class MonthToClose:
    """What a person asks: the month, of which tenants, and why it is closed again."""

    month: date
    tenants: Sequence[str]
    reason: str | None = None

    def of_ended(self, context: RunContext) -> MonthToClose:
        """Return the same for the tenants whose month is over."""
        ended = (t for t in self.tenants if self.last_day <= context.as_of_for(t))
        return replace(self, tenants=tuple(ended))

    @property
    def last_day(self) -> date:
        """Return the last day of the month."""
        return period_end(MONTH, period_start(MONTH, self.month)) - timedelta(days=1)


def open_tenants(engine: Engine[RelationT], month: date) -> tuple[str, ...]:
    """Return the tenants with accounts that have no close of the month yet."""
    relations = {"account": engine.read(ACCOUNT), "closed": engine.read(KPI_CLOSE)}
    rows = engine.rows(engine.sql(_OPEN, {"month": month}, **relations))
    return tuple(sorted(row["tenant"] for row in rows))


def close_known(engine: Engine[RelationT], context: RunContext, asked: MonthToClose) -> ClosedMonth:
    """Close a month by what the lake knows; as `close_month`."""
    return close_month(engine, context, asked, lambda days: claims_as_of(engine, context, days))


def close_month(
    engine: Engine[RelationT],
    context: RunContext,
    asked: MonthToClose,
    claims_as_of: ClaimsAsOf[RelationT],
) -> ClosedMonth:
    """Add the month's figures to gold.kpi_close, with one commit.

    Raises UsageError for a month that is not over, and for a closed one without a reason.
    """
    close = Close(
        period_start(MONTH, asked.month), context.started_at.replace(tzinfo=None), asked.reason
    )
    _check_over(context, asked)
    stored = _stored(engine, close)
    for tenant in asked.tenants:
        # Before anything is computed.
        next_version(stored, tenant, close)
    as_of = dict.fromkeys(asked.tenants, asked.last_day)
    found = results_as_of(engine, claims_as_of(as_of), as_of, context.settings.revenue)
    rows = closing_rows(found.figures, stored, close)
    if rows:
        _add(engine, context, rows)
    return ClosedMonth(close.month, tuple(sorted({row["tenant"] for row in rows})), len(rows))


def _check_over(context: RunContext, asked: MonthToClose) -> None:
    for tenant in asked.tenants:
        today = context.as_of_for(tenant)
        if asked.last_day > today:
            raise UsageError(
                f"{asked.month:%Y-%m} of tenant {tenant} is not over on {today}. Close it after"
                f" {asked.last_day}."
            )


def _stored(engine: Engine[RelationT], close: Close) -> list[Row]:
    """Return the closes of the month so far."""
    model = "select tenant, period_start, close_version from stored where period_start = :month"
    return engine.rows(engine.sql(model, {"month": close.month}, stored=engine.read(KPI_CLOSE)))


def _add(engine: Engine[RelationT], context: RunContext, rows: Sequence[Row]) -> None:
    columns = KPI_CLOSE.computed_columns
    computed = engine.from_rows(columns, ([row[c.name] for c in columns] for row in rows))
    keyed = engine.materialize(with_key(engine, computed, KPI_CLOSE, context))
    note = CommitNote(context.run_id, STEP)
    engine.commit(Changes(KPI_CLOSE, keyed, Operation.INSERT), note)
