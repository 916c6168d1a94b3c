"""A lake with marts and tracked runs, of which operations are published; for two tenants."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from metriccare import naming
from metriccare.errors import Refusal
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.query.published.file_list import PointerFiles
from metriccare.query.published.publication import OPERATIONS, Publication
from metriccare.settings import Settings
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState
from metriccare.upkeep.publish_operations import Publishing, publish_operations
from tests.publishing.mart_lake import AS_OF, MartLake, measure

NOW = datetime(2025, 1, 2, 4, tzinfo=UTC)
# What the gates say to an operator: with counts, of which one is small.
SENTENCE = "denominator of readmission_30d: wanted at least 27, found 7. A base shrank."


class OperationsLake(MartLake):
    """Published tables, marts and tracked runs in a folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        for tenant in ("default", "second"):
            self.write("publish.measure", measure(tenant))
            self.write("publish.data_quality", *quality(tenant))
        self.publish()
        with closing(self.tracking()) as store:
            for tenant in ("default", "second"):
                at = NOW - timedelta(hours=1)
                store.register(FileRecord(tenant, tenant, "a.ndjson", "raw/a.ndjson", 9, at))

    def tracking(self) -> SqliteTracking:
        return SqliteTracking(self.folder / naming.TRACKING_FILE)

    def end(self, epoch: int, state: RunState = RunState.SUCCEEDED, refuses: str = "") -> None:
        """Record a run that has ended, an hour after the one before, and publish how it went."""
        at = NOW + timedelta(hours=epoch)
        run = RunRecord(
            f"run-{epoch:06d}-x",
            epoch,
            state,
            at - timedelta(minutes=9),
            "",
            ended_at=at,
            message="found 7 of 30",
            refused=(Refusal(refuses, "share_dropped", SENTENCE),) if refuses else (),
        )
        with closing(self.tracking()) as store:
            store.put_run(run)
            self.publish_operations(store, at)

    def publish_operations(self, store: SqliteTracking, at: datetime) -> None:
        with self.engine() as engine:
            publish_operations(engine, Publishing(self.objects, store, Settings(), at))

    def load(self, tenant: str, run_id: str, loaded: int, rejected: int) -> None:
        """Take the tenant's file through a run."""
        with closing(self.tracking()) as store:
            lease = store.acquire_lease("test", lambda _: True)
            store.claim(lease, run_id)
            counts: dict[str, Any] = {"rows_loaded": loaded, "rows_quarantined": rejected}
            store.move(lease, [tenant], FileState.CLAIMED, FileState.LOADED, {tenant: counts})
            store.move(lease, [tenant], FileState.LOADED, FileState.PUBLISHED)
            store.release_lease(lease)

    def operations(self, tenant: str = "default") -> Publication:
        found = PointerFiles(self.objects, OPERATIONS).current(tenant)
        assert found is not None
        return found


def end_run(lake: MartLake) -> None:
    """Record a run that took a file of each tenant just now and left nothing to do."""
    now = datetime.now(UTC)
    run = RunRecord("run-1", 1, RunState.SUCCEEDED, now, "", ended_at=now)
    with closing(SqliteTracking(lake.folder / naming.TRACKING_FILE)) as store:
        for tenant in ("default", "second"):
            store.register(FileRecord(tenant, tenant, "a.ndjson", "raw/a.ndjson", 9, now))
        store.put_run(run)
        with lake.engine() as engine:
            publish_operations(engine, Publishing(lake.objects, store, Settings(), now))


def quality(tenant: str) -> list[dict[str, Any]]:
    """Return what was rejected: many records by one rule, a hidden few by another."""
    return [
        {
            "tenant": tenant,
            "layer": "bronze",
            "table_name": "Observation",
            "rule_id": rule,
            "severity": "reject",
            "meaning": f"Every resource keeps {rule}.",
            "row_count": count,
            "suppressed": count is None,
            "as_of": AS_OF,
        }
        for rule, count in (("id_missing", 62), ("type_unknown", None), ("date_broken", 0))
    ]
