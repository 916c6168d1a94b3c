"""Publishes how the runs went: the marts `run` and `alert` of each tenant, and the beacon.

It is done at the end of every run, also of one that failed or was refused: then nothing else is
published, and that is what people need to be told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
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
from metriccare.publishing.at_once import at_once
from metriccare.publishing.beacon import write_beacon
from metriccare.publishing.kept_files import remove_old_operations
from metriccare.publishing.publish_all import Work, publish_all
from metriccare.publishing.published_rows import MartRows
from metriccare.publishing.published_run import PublishedRun
from metriccare.publishing.tenant_marts import TenantMarts
from metriccare.query.published.marts import Mart
from metriccare.query.published.operations_marts import ALERT, RUN
from metriccare.query.published.publication import OPERATIONS, PublicationRefused
from metriccare.settings import Settings
from metriccare.tables import Table
from metriccare.tables.publish import DATA_QUALITY, FRESHNESS
from metriccare.tracking.states import PUBLISHED_RUNS, FileRecord, RunRecord, RunState
from metriccare.tracking.store import TrackingStore
from metriccare.upkeep.alert_ledger import read_alerts, write_alerts

Record = dict[str, Any]


@dataclass(frozen=True)
class Publishing:
    """Where operations are published, from what, and when."""

    objects: ObjectStore
    store: TrackingStore
    settings: Settings
    now: datetime


@contextmanager
def operations_published(
    to: Callable[[], Publishing],
    open_engine: Callable[[], AbstractContextManager[Engine[Any]]],
    not_published: Callable[[Exception], None],
) -> Iterator[None]:
    """Publish how the runs went after the block, also if it raises.

    The run has ended then: that this cannot be written makes it neither a failure nor a success,
    so the error goes to `not_published`, and the next run publishes it.
    """
    try:
        yield
    finally:
        try:
            with open_engine() as engine:
                publish_operations(engine, to())
        except Exception as error:
            not_published(error)


def publish_operations(engine: Engine[RelationT], to: Publishing) -> None:
    """Write the runs and alerts of every tenant, then the beacon.

    After a run that failed, the published tables are not looked at: they may be what broke. Nothing
    is written while a run is under way: its end does.
    """
    runs = to.store.runs()
    if not runs or runs[0].state is RunState.RUNNING:
        return
    files_of: dict[str, list[FileRecord]] = {}
    for file in to.store.files():
        files_of.setdefault(file.tenant, []).append(file)
    tenants = sorted(files_of.keys() - {naming.CANARY_TENANT})
    is_whole = runs[0].state is not RunState.FAILED
    tables = (FRESHNESS, DATA_QUALITY) if is_whole else ()
    published = {table.name: _by_tenant(engine, table) for table in tables}
    rules = (*RULES_OF_RUNS, *(RULES_OF_TABLES if is_whole else ()))
    stored = [each for each in at_once(partial(_stored, to.objects), tenants) if each]
    raised: list[tuple[str, str]] = []
    rows: dict[str, list[Record]] = {RUN.name: [], ALERT.name: []}
    for each in stored:
        observed = Observed(
            tenant=each.tenant,
            at=to.now,
            runs=runs,
            files=files_of[each.tenant],
            limits=to.settings.quality,
            **{_FIELDS[name]: found.get(each.tenant, ()) for name, found in published.items()},
        )
        alerts = alerts_after(each.alerts, observed, rules, each.marts.next_sequence)
        # Kept before it is shown: an alert that was shown is never raised a second time.
        if alerts != each.alerts:
            write_alerts(to.objects, each.tenant, alerts)
        rows[RUN.name] += run_rows(runs, observed.files, each.tenant)
        rows[ALERT.name] += [alert.row(each.tenant) for alert in alerts]
        raised += [(alert.id_in(each.tenant), str(alert.closed_at)) for alert in alerts]
    marts = [_mart_rows(engine, mart, rows[mart.name]) for mart in (RUN, ALERT)]
    publish_all(
        engine, to.objects, [Work(each.marts, marts, _published_by(runs[0])) for each in stored]
    )
    at_once(partial(remove_old_operations, to.objects), [each.tenant for each in stored])
    write_beacon(to.objects, _newest_published(runs), raised)


_FIELDS = {FRESHNESS.name: "freshness", DATA_QUALITY.name: "quality"}


@dataclass(frozen=True)
class _Stored:
    """What is stored of a tenant's operations."""

    tenant: str
    marts: TenantMarts[Any]
    alerts: Sequence[Alert]


def _stored(objects: ObjectStore, tenant: str) -> _Stored | None:
    try:
        marts: TenantMarts[Any] = TenantMarts(objects, tenant, OPERATIONS)
    except PublicationRefused:
        # A name that is no tenant's: nothing of it can be published.
        return None
    return _Stored(tenant, marts, read_alerts(objects, tenant))


def _published_by(run: RunRecord) -> PublishedRun:
    as_of = date.fromisoformat(run.as_of) if run.as_of else run.started_at.date()
    return PublishedRun(run.run_id, as_of, run.ended_at or run.started_at)


def _mart_rows(
    engine: Engine[RelationT], mart: Mart, rows: Sequence[Record]
) -> MartRows[RelationT]:
    names = [column.name for column in mart.columns]
    values = [[row[name] for name in names] for row in rows]
    tenants = frozenset(row["tenant"] for row in rows)
    return MartRows(mart, engine.from_rows(mart.columns, values), tenants)


def _by_tenant(engine: Engine[RelationT], table: Table) -> Mapping[str, list[Record]]:
    found: dict[str, list[Record]] = {}
    for row in engine.rows(engine.read(table)):
        found.setdefault(row["tenant"], []).append(dict(row))
    return found


def _newest_published(runs: Sequence[RunRecord]) -> str:
    return next((run.run_id for run in runs if run.state in PUBLISHED_RUNS), "")
