"""Which run published a tenant, and the date up to which its data was complete."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from metriccare.incremental.context import RunContext
from metriccare.settings import Settings
from metriccare.tracking.pending import ERASED
from metriccare.tracking.states import PUBLISHED_RUNS, RunRecord


@dataclass(frozen=True)
class PublishedRun:
    """The run that published a tenant, up to which date, and when it began."""

    run_id: str
    as_of: date
    published_at: datetime


# Of a tenant: the run whose results are published, or None if none is any more.
RunOf = Callable[[str], PublishedRun | None]


def run_under_way(context: RunContext) -> RunOf:
    """Return what says of every tenant that this run publishes it."""
    return lambda tenant: PublishedRun(
        context.run_id, context.as_of_for(tenant), context.started_at
    )


def last_run(runs: Sequence[RunRecord], settings: Settings) -> RunOf:
    """Return what says which of the runs published a tenant last; runs are newest first.

    An erasure publishes too, at the date of the run before it.
    """

    def run_of(tenant: str) -> PublishedRun | None:
        published = [
            run for run in runs if run.state in PUBLISHED_RUNS and tenant not in run.refused_tenants
        ]
        dated = next((run for run in published if run.stage != ERASED), None)
        if dated is None:
            return None
        return PublishedRun(
            published[0].run_id, _as_of(dated, settings, tenant), published[0].started_at
        )

    return run_of


def _as_of(run: RunRecord, settings: Settings, tenant: str) -> date:
    """Return the date a run was given, else the day it began in the tenant's time zone."""
    if run.as_of:
        return date.fromisoformat(run.as_of)
    return run.started_at.astimezone(ZoneInfo(settings.time_zone(tenant))).date()
