"""Runs a person ends in the midst of it: said in a sentence, nothing lost, nothing doubled."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from metriccare.interruption import Interrupted
from metriccare.local.query import open_engine
from metriccare.settings import Lake
from metriccare.spark import hudi
from metriccare.tracking.states import FileState, RunState
from tests.faults.bench import Bench
from tests.faults.lakes import Processes
from tests.pipeline.resources import encounter, ndjson, patient

pytestmark = [pytest.mark.spark, pytest.mark.timeout(1200)]

SENT = {
    "people": ndjson([patient("p1"), patient("p2")]),
    "stays": ndjson([encounter("e1", "Patient/p1")]),
}


def interrupted_in(lake: Processes, stage: str, number: int) -> subprocess.CompletedProcess[str]:
    """Run until a stage has begun, then send its whole group a signal, as a terminal does."""
    process = lake.start("run", "--as-of", "2024-06-30")
    assert process.stderr is not None
    said = []
    # A stage is said when it has ended, and the next has begun.
    for line in process.stderr:
        said.append(line)
        if line.startswith(stage):
            break
    os.killpg(process.pid, number)
    _, rest = process.communicate(timeout=120)
    return subprocess.CompletedProcess((), process.returncode, "", "".join(said) + rest)


def status(lake: Processes) -> dict:
    return json.loads(lake.call("status", "--format", "json").stdout)


def test_an_interrupted_run_says_so_and_the_next_one_goes_on(tmp_path: Path):
    lake = Processes(tmp_path / "lake")
    (tmp_path / "sent").mkdir()
    for name, content in SENT.items():
        (tmp_path / "sent" / f"{name}.ndjson").write_bytes(content)
    lake.ingest(tmp_path / "sent")
    sentence = "Interrupted; 2 files wait for the next run. Nothing half-done is published."
    for stage, number, state in (
        ("Starting Spark", signal.SIGINT, "registered"),
        ("Silver", signal.SIGTERM, "loaded"),
    ):
        done = interrupted_in(lake, stage, number)
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


def test_rows_committed_before_an_interrupt_are_not_read_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spark
):
    """The signal comes when bronze's commit is there and its files are not marked loaded."""
    bench = Bench(tmp_path)
    bench.receive(**SENT)
    write = hudi._save

    def interrupted_write(*arguments: object) -> None:
        write(*arguments)
        raise Interrupted(signal.SIGINT)

    monkeypatch.setattr(hudi, "_save", interrupted_write)
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
