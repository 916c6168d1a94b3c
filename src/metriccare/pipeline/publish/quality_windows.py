"""The days over which data quality is scored: the 30 that end with each tenant's as_of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from metriccare.incremental.context import RunContext
from metriccare.tables import Column
from metriccare.tables.declaration import TENANT

COLUMNS = (
    TENANT,
    Column("since", "bigint", "begin of the window, in microseconds since 1970"),
    Column("until", "bigint", "end of as_of, in microseconds since 1970"),
)
_MICROSECOND = timedelta(microseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def micros_of(moment: datetime) -> int:
    """Return an instant as microseconds since 1970."""
    return (moment - _EPOCH) // _MICROSECOND


@dataclass(frozen=True)
class Window:
    """The window of a tenant, in microseconds since 1970; `as_of` is its last day."""

    as_of: date
    since: int
    until: int


@dataclass(frozen=True)
class Windows:
    """The windows of tenants that have settings or dates of their own, and that of all others."""

    default: Window
    own: Mapping[str, Window]

    def of(self, tenant: str) -> Window:
        """Return a tenant's window."""
        return self.own.get(tenant, self.default)


def windows_of(context: RunContext) -> Windows:
    """Return the windows of a run."""
    tenants = {*context.settings.tenants, *context.as_of_by_tenant}
    return Windows(_window(context, ""), {t: _window(context, t) for t in sorted(tenants)})


def _window(context: RunContext, tenant: str) -> Window:
    zone, as_of = ZoneInfo(context.settings.time_zone(tenant)), context.as_of_for(tenant)
    first = as_of - timedelta(days=context.settings.quality.window_days - 1)
    following = as_of + timedelta(days=1)
    since, until = (micros_of(datetime.combine(day, time(), zone)) for day in (first, following))
    return Window(as_of, since, until)
