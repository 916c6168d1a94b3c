"""A person interrupts a run: one sentence reports it, nothing is lost and nothing doubled."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from metriccare.interruption import Interrupted
from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.naming import TRACKING_FILE
from metriccare.settings import Lake
from metriccare.tracking.states import FileState, RunState
from metriccare.wiring.queries import open_engine
from tests.faults.bench import Bench
from tests.faults.ended_run import ENTER, LEAVE, writer_of
from tests.faults.lakes import Processes
from tests.pipeline.resources import encounter, ndjson, patient

pytestmark = pytest.mark.timeout(1200)

SENT = {
    "people": ndjson([patient("p1"), patient("p2")]),
    "stays": ndjson([encounter("e1", "Patient/p1")]),
}


def status(lake: Processes) -> dict:
    return json.loads(lake.call("status", "--format", "json").stderr)


def test_an_interrupted_run_says_so_and_the_next_one_continues(tmp_path: Path):
    lake = Processes(tmp_path / "lake")
    (tmp_path / "sent").mkdir()
    for name, content in SENT.items():
        (tmp_path / "sent" / f"{name}.ndjson").write_bytes(content)
    lake.ingest(tmp_path / "sent")
    sentence = "Interrupted; 2 files wait for the next run. Nothing half-done is published."
    for moment, commit, number, state in (
        (ENTER, 1, signal.SIGINT, "registered"),
        (ENTER, 3, signal.SIGTERM, "loaded"),
        (LEAVE, 3, signal.SIGINT, "loaded"),
    ):
        done = lake.ended_at(moment, commit, number)
        assert done.returncode == 128 + number
        assert done.stderr.splitlines()[-1] == sentence
        assert "Traceback" not in done.stderr
        assert "py4j" not in done.stderr.lower()
        found = status(lake)
        assert found["files"] == {state: 2}
        assert (found["runs"][0]["state"], found["runs"][0]["message"]) == ("failed", sentence)
    lake.run()
    assert status(lake)["files"] == {"published": 2}
    rows = open_engine(Lake(str(lake.folder))).query("SELECT count(*) FROM bronze.resource").rows
    assert rows == ((3,),)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("state", [FileState.CLAIMED, FileState.LOADED])
def test_a_signal_ends_every_process_of_a_run(tmp_path: Path, state: FileState, number: int):
    """While the file is claimed, other processes read it; once it is loaded, the engine computes.

    Either takes seconds for 40,000 patients.
    """
    lake = Processes(tmp_path / "lake")
    people = ndjson([patient(f"p{n}", note="x" * 800) for n in range(40_000)])
    (tmp_path / "people.ndjson").write_bytes(people)
    lake.ingest(tmp_path / "people.ndjson")
    process = lake.start("run", "--as-of", "2024-06-30")
    wait_until(lambda: files(lake, state) or process.poll() is not None)
    os.killpg(process.pid, number)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 128 + number, said
    assert "Traceback" not in said
    assert said.splitlines()[-1].startswith("Interrupted; 1 file waits for the next run.")
    wait_until(lambda: not group_exists(process.pid))


def wait_until(happened: Callable[[], bool]) -> None:
    """Look every 20 ms, for two minutes: a machine may be busy with other things."""
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end, "it did not happen within two minutes"
        time.sleep(0.02)


def files(lake: Processes, state: FileState) -> bool:
    with closing(SqliteTracking.read_only(lake.folder / TRACKING_FILE)) as store:
        return bool(store.files(state))


def group_exists(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def test_rows_committed_before_an_interrupt_are_not_read_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine_kind: str
):
    """The signal comes when bronze's commit is there and its files are not marked loaded."""
    bench = Bench(tmp_path)
    bench.receive(**SENT)
    owner, name = writer_of(engine_kind)
    write = getattr(owner, name)

    def interrupted_write(*arguments: object) -> None:
        write(*arguments)
        raise Interrupted(signal.SIGINT)

    monkeypatch.setattr(owner, name, interrupted_write)
    with pytest.raises(Interrupted, match="2 files wait"):
        bench.run()
    monkeypatch.undo()
    with bench.store() as store:
        assert {file.state for file in store.files()} == {FileState.CLAIMED}
        assert store.current_lease() is None
    record = bench.run()
    assert record is not None
    assert record.state is RunState.SUCCEEDED
    assert len(bench.content()["bronze.resource"]) == 3
    with bench.store() as store:
        assert {file.state for file in store.files()} == {FileState.PUBLISHED}
