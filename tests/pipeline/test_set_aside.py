"""The next run removes a file set aside from every table; a released one is loaded as if new."""

from __future__ import annotations

from pathlib import Path

import pytest

from metriccare.tracking.states import FileState
from metriccare.wiring.local_quarantine import release_local, set_aside_local
from tests.faults.bench import Bench
from tests.loader import encounter, ndjson, patient

GOOD = ndjson([patient("p1"), encounter("e1", "Patient/p1"), patient("shared", gender="male")])
ODD = ndjson(
    [
        patient("p2", odd="unread"),
        encounter("e2", "Patient/p2"),
        patient("shared", "2024-02-01T00:00:00Z", gender="female"),
        encounter("e3", "Patient/p2", **{"class": {"code": "unheard-of"}, "status": None}),
        {"resourceType": "Patient"},
    ]
)


class Stopped(Exception):
    """Raised in place of a fault that no rule covers."""


def stop_at_gold(stage: str) -> None:
    if stage.startswith("Gold"):
        raise Stopped


def ids(bench: Bench, table: str) -> list[str]:
    sql = f"SELECT {'stay_id' if table == 'gold.stay' else 'id'} FROM {table}"
    return sorted(row[0] for row in bench.ask(sql))


def test_a_file_that_stops_every_run_is_set_aside_and_released(tmp_path: Path, engine_kind: str):
    bench = Bench(tmp_path)
    bench.receive(good=GOOD)
    bench.receive(odd=ODD)
    with pytest.raises(Stopped):
        bench.run(stop_at_gold)
    assert ids(bench, "silver.patient") == ["p1", "p2", "shared"]
    assert set_aside_local(bench.here, "odd.ndjson", "stops every run").state is FileState.LOADED

    assert bench.run() is not None
    odd = [row[0] for row in bench.ask("SELECT file_id FROM bronze.quarantine")]
    assert odd
    assert bench.ask("SELECT DISTINCT source_file FROM bronze.resource") == [("good.ndjson",)]
    assert bench.ask("SELECT * FROM bronze.quarantine WHERE redriven_run_id IS NULL") == []
    assert bench.ask("SELECT * FROM bronze.drift") == []
    assert ids(bench, "silver.patient") == ["p1", "shared"]
    assert bench.ask("SELECT sex FROM silver.patient WHERE id = 'shared'") == [("male",)]
    assert ids(bench, "silver.encounter") == ["e1"]
    assert ids(bench, "gold.stay") == ["e1"]
    with bench.store() as store:
        states = {file.source_file: (file.state, file.run_id) for file in store.files()}
    assert states["odd.ndjson"] == (FileState.SET_ASIDE, None)
    assert states["good.ndjson"][0] is FileState.PUBLISHED
    assert bench.run_if_needed() is None

    release_local(bench.here, "odd.ndjson")
    assert bench.run() is not None
    assert ids(bench, "silver.patient") == ["p1", "p2", "shared"]
    assert bench.ask("SELECT sex FROM silver.patient WHERE id = 'shared'") == [("female",)]
    assert ids(bench, "gold.stay") == ["e1", "e2"]
    assert len(bench.ask("SELECT * FROM bronze.quarantine WHERE redriven_run_id IS NULL")) == 2
    with bench.store() as store:
        assert {file.state for file in store.files()} == {FileState.PUBLISHED}
