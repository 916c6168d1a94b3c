"""Publishes how the runs went: the marts `run` and `alert` of each tenant, and the beacon.

It is done at the end of every run, also of one that failed or was refused: then nothing else is
published, and that is what people need to be told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from metriccare import naming
from metriccare.engine.protocol import Engine, RelationT
from metriccare.monitoring.alerts import (
    RULES_OF_RUNS,
    RULES_OF_TABLES,
    Alert,
    Observed,
    alerts_after,
)
from metriccare.monitoring.run_rows import run_rows
from metriccare.object_store import ObjectStore
from metriccare.publishing.beacon import write_beacon
from metriccare.publishing.kept_files import remove_old_operations
from metriccare.publishing.published_rows import MartRows
from metriccare.publishing.published_run import PublishedRun
from metriccare.publishing.tenant_marts import TenantMarts
from metriccare.query.published.marts import Mart
from metriccare.query.published.operations_marts import ALERT, RUN
from metriccare.query.published.publication import OPERATIONS, PublicationRefused
from metriccare.settings import Settings
from metriccare.tables import Table
from metriccare.tables.publish import DATA_QUALITY, FRESHNESS
from metriccare.tracking.states import RunRecord, RunState
from metriccare.tracking.store import TrackingStore
from metriccare.upkeep.alert_ledger import read_alerts, write_alerts

Record = dict[str, Any]
_PUBLISHED = (RunState.SUCCEEDED, RunState.PARTLY_REFUSED)


@dataclass(frozen=True)
class Publishing:
    """Where operations are published, from what, and when."""

    objects: ObjectStore
    store: TrackingStore
    settings: Settings
    now: datetime


def publish_operations(engine: Engine[RelationT], to: Publishing) -> None:
    """Write the runs and alerts of every tenant, then the beacon.

    After a run that failed, the published tables are not looked at: they may be what broke. Nothing
    is written while a run is under way: its end does.
    """
    runs, files = to.store.runs(), to.store.files()
    if not runs or runs[0].state is RunState.RUNNING:
        return
    tenants = sorted({file.tenant for file in files} - {naming.CANARY_TENANT})
    is_whole = runs[0].state is not RunState.FAILED
    tables = (FRESHNESS, DATA_QUALITY) if is_whole else ()
    published = {table.name: _by_tenant(engine, table) for table in tables}
    raised: list[tuple[str, str]] = []
    for tenant in tenants:
        observed = Observed(
            tenant=tenant,
            at=to.now,
            runs=runs,
            files=[file for file in files if file.tenant == tenant],
            limits=to.settings.quality,
            **{_FIELDS[name]: rows.get(tenant, ()) for name, rows in published.items()},
        )
        rules = (*RULES_OF_RUNS, *(RULES_OF_TABLES if is_whole else ()))
        alerts = _write(engine, to.objects, observed, rules)
        raised += [(alert.id_in(tenant), str(alert.closed_at)) for alert in alerts]
    write_beacon(to.objects, _newest_published(runs), raised)


_FIELDS = {FRESHNESS.name: "freshness", DATA_QUALITY.name: "quality"}


def _write(
    engine: Engine[RelationT], objects: ObjectStore, observed: Observed, rules: Sequence[str]
) -> list[Alert]:
    tenant = observed.tenant
    try:
        marts = TenantMarts(engine, objects, tenant, OPERATIONS)
    except PublicationRefused:
        # A name that is no tenant's: nothing of it can be published.
        return []
    stored = read_alerts(objects, tenant)
    alerts = alerts_after(stored, observed, rules, marts.next_sequence)
    rows = {
        RUN: run_rows(observed.runs, observed.files, tenant),
        ALERT: [alert.row(tenant) for alert in alerts],
    }
    # Kept before it is shown: an alert that was shown is never raised a second time.
    if alerts != stored:
        write_alerts(objects, tenant, alerts)
    made = [_mart_rows(engine, mart, found) for mart, found in rows.items()]
    marts.write(made, _published_by(observed.runs[0]))
    remove_old_operations(objects, tenant)
    return alerts


def _published_by(run: RunRecord) -> PublishedRun:
    as_of = date.fromisoformat(run.as_of) if run.as_of else run.started_at.date()
    return PublishedRun(run.run_id, as_of, run.ended_at or run.started_at)


def _mart_rows(
    engine: Engine[RelationT], mart: Mart, rows: Sequence[Record]
) -> MartRows[RelationT]:
    names = [column.name for column in mart.columns]
    values = [[row[name] for name in names] for row in rows]
    return MartRows(mart, engine.from_rows(mart.columns, values))


def _by_tenant(engine: Engine[RelationT], table: Table) -> Mapping[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in engine.rows(engine.read(table)):
        found.setdefault(row["tenant"], []).append(dict(row))
    return found


def _newest_published(runs: Sequence[RunRecord]) -> str:
    return next((run.run_id for run in runs if run.state in _PUBLISHED), "")
