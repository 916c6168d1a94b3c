"""On AWS an erased person stays out too: bronze reads the list in the lake's bucket."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from metriccare.engine.spark.engine import SparkEngine
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.pipeline import runs
from metriccare.settings import Lake, Settings
from metriccare.tables import bronze as tables
from metriccare.tracking.erased import load_erased, save_erased
from metriccare.tracking.states import FileRecord, FileState
from metriccare.upkeep import stages
from metriccare.wiring.storage import storage_of
from tests.aws.buckets import put, versioned_bucket
from tests.pipeline.resources import encounter, ndjson, patient
from tests.spark.s3_session import point_at_server

pytestmark = pytest.mark.spark

LAKE, RAW = "lake-of-erased", "raw-of-erased"


def take_in(spark, lake: Lake, store: SqliteTracking, name: str, sent: bytes) -> set[str]:
    """Upload a file, run bronze, and return the resources bronze then holds."""
    place = put(RAW, f"north/{name}", sent)
    now = datetime.now(UTC)
    store.register(FileRecord(name, "north", name, place, len(sent), now))
    writer = runs.Writer("test", lambda _: True, now)
    run = runs.begin(storage_of(lake), Settings(), store, writer, None)
    engine = SparkEngine(spark, lake, lambda: store.check_lease(run.lease))
    runs.end(stages.run_bronze(engine, run), now)
    rows = engine.rows(engine.read(tables.RESOURCE))
    return {f"{row['resource_type']}/{row['resource_id']}" for row in rows}


def test_a_file_sent_again_brings_back_everybody_but_the_erased(spark, aws: str, tmp_path: Path):
    for bucket in (LAKE, RAW):
        versioned_bucket(bucket)
    point_at_server(spark, aws)
    lake, store = Lake(f"s3://{LAKE}"), SqliteTracking(tmp_path / "tracking.db")
    objects = storage_of(lake).objects
    save_erased(objects, load_erased(objects).with_names("north", {"Patient/p1", "Encounter/e1"}))
    sent = ndjson([patient("p1"), encounter("e1"), patient("p2"), encounter("e2", "Patient/p2")])
    found = take_in(spark, lake, store, "sent-again.ndjson", sent)
    assert found == {"Patient/p2", "Encounter/e2"}
    (file,) = store.files(FileState.PUBLISHED)
    assert (file.rows_loaded, file.rows_quarantined) == (2, 0)
    store.close()
