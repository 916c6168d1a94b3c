"""The tracking table grows without a limit of DynamoDB's: bytes under each hash key, counted."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from metriccare.aws import tracking_keys as keys
from metriccare.aws.dynamodb import DynamoReported, DynamoTracking
from metriccare.sources.fhir.byte_account import ByteAccount
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState, read_fields
from tests.aws.tracking_table import TABLE, tracking_table

TERRAFORM = Path(__file__).parents[2] / "terraform"
START = datetime(2024, 5, 1, tzinfo=UTC)
# A thousand hospitals with thirteen files a day (docs/scaling.md), and a run every hour.
FILES_A_DAY, DAYS_IN_A_MONTH = 13_000, 31
MEGABYTE, GIGABYTE = 10**6, 10**9


def upload(number: int) -> FileRecord:
    """Return a file as S3's events name it: a long key, an account in the bucket, a version."""
    name = f"2024/05/01/encounters-and-observations-{number:08d}.ndjson.gz"
    version = "3sL4kqtJlcpXroDTDmJ+rmSpXd3dIbrHY"
    return FileRecord(
        file_id=f"{number:016x}",
        tenant="north-general-hospital",
        source_file=name,
        location=f"s3://metriccare-raw-123456789012-prod/north-general-hospital/{name}"
        f"?versionId={version}",
        size=12_345_678,
        registered_at=START + timedelta(seconds=number),
    )


def bytes_of(item: dict[str, Any]) -> int:
    """Return about what DynamoDB counts: names and values as text, 100 bytes for each item."""
    return 100 + sum(len(name) + len(json.dumps(value)) for name, value in item.items())


def collections(client: Any) -> dict[str, list[int]]:
    """Return the bytes of the items under each hash key."""
    found: dict[str, list[int]] = defaultdict(list)
    for page in client.get_paginator("scan").paginate(TableName=TABLE):
        for item in page["Items"]:
            found[item["kind"]["S"]].append(bytes_of(item))
    return found


@pytest.fixture(scope="module")
def used() -> dict[str, list[int]]:
    """Return the table after files were registered, published, left open, and runs reported."""
    with tracking_table() as client:
        store = DynamoTracking(client, TABLE)
        for number in range(40):
            store.register(upload(number))
        lease = store.acquire_lease("workflow/metriccare_pipeline_workflow_prod/wr_1", bool)
        ids = [file.file_id for file in store.claim(lease, "run-000001-20240501T120000Z")]
        counts = dict(read_fields(ByteAccount(10**9, records=10**9))) | {"rows_loaded": 10**6}
        changes = dict.fromkeys(ids, counts)
        store.move(lease, ids, FileState.CLAIMED, FileState.LOADED, changes)
        store.move(lease, ids[8:], FileState.LOADED, FileState.PUBLISHED)
        run = RunRecord("run-000001-20240501T120000Z", 1, RunState.SUCCEEDED, START, "2024-04-30")
        for epoch in range(1, 4):
            store.put_run(replace(run, epoch=epoch, message="x" * 500))
            DynamoReported(client, TABLE).claim(f"jr_{epoch:064d}")
        return collections(client)


def of_kind(used: dict[str, list[int]], prefix: str) -> dict[str, list[int]]:
    return {kind: sizes for kind, sizes in used.items() if kind.startswith(prefix)}


def test_the_table_has_no_index_so_that_no_hash_key_is_limited_to_10_gb():
    declared = (TERRAFORM / "modules/dynamodb_table/main.tf").read_text()
    assert "secondary_index" not in declared


def test_files_of_one_hash_key_stay_far_below_what_any_limit_was(used):
    records = of_kind(used, "files#2024-05#")
    largest = max(size for sizes in records.values() for size in sizes)
    assert 500 < largest < 1500
    month = largest * FILES_A_DAY * DAYS_IN_A_MONTH / keys.SHARDS
    assert month < 100 * MEGABYTE
    # The next month begins with other keys.
    assert {kind.split("#")[1] for kind in records} == {"2024-05"}
    # Fifty times as many hospitals would still be below half of the limit that local indexes set.
    assert 50 * month < 5 * GIGABYTE


def test_files_that_went_through_leave_nothing_in_the_lists_of_open_files(used):
    entries = of_kind(used, "open#")
    assert sum(map(len, entries.values())) == 8
    assert max(size for sizes in entries.values() for size in sizes) < 250


def test_what_is_kept_for_each_file_and_report_has_a_hash_key_of_its_own(used):
    for prefix in ("file#", "report#"):
        found = of_kind(used, prefix)
        assert found
        assert all(len(sizes) == 1 for sizes in found.values())


def test_runs_fill_a_hash_key_and_go_on_in_the_next(used):
    (runs,) = of_kind(used, "runs#").values()
    assert 1000 * max(runs) < 2 * MEGABYTE


def test_the_list_of_pages_grows_by_some_bytes_a_month(used):
    (pages,) = of_kind(used, keys.PAGES).values()
    # Twelve months a year, and ten pages of runs when they follow each other without a pause.
    assert max(pages) * (12 + 10) * 100 < MEGABYTE


def test_files_of_one_moment_are_spread_over_all_shards(used):
    assert len(of_kind(used, "files#2024-05#")) == keys.SHARDS
