"""How long uploads take until they are published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from metriccare.monitoring.service_level import minutes_to_publish, percentile, sample
from metriccare.tracking.states import FileRecord, FileState, RunRecord, RunState

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
RUN = RunRecord("run-1", 1, RunState.PARTLY_REFUSED, NOW, "", ended_at=NOW)


def published(tenant: str, minutes_ago: float) -> FileRecord:
    at = NOW - timedelta(minutes=minutes_ago)
    name = f"{tenant}-{minutes_ago}"
    return FileRecord(name, tenant, name, name, 10, at, FileState.PUBLISHED, 1, "run-1")


def test_minutes_count_from_the_upload_to_the_end_of_the_run_that_published_it():
    files = [published("north", 30), published("north", 10), published("south", 45)]
    assert minutes_to_publish(files, RUN) == {"north": [10.0, 30.0], "south": [45.0]}


def test_files_of_other_runs_and_of_refused_tenants_do_not_count():
    refused = replace(published("south", 5), state=FileState.LOADED)
    other = replace(published("north", 5), run_id="run-0")
    assert minutes_to_publish([refused, other], RUN) == {}


@pytest.mark.parametrize(("share", "value"), [(0.5, 10), (0.95, 19), (1.0, 20), (0.01, 1)])
def test_a_percentile_is_a_value_that_so_many_do_not_exceed(share: float, value: float):
    assert percentile(list(range(1, 21)), share) == value


def test_a_sample_keeps_the_percentiles_and_the_largest():
    ordered = list(range(1, 100_001))
    some = sample(ordered, 100)
    assert len(some) == 100
    assert (percentile(some, 0.5), percentile(some, 0.95), some[-1]) == (50_000, 95_000, 100_000)
    assert sample([3.0], 100) == [3.0]
