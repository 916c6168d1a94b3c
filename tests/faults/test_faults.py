"""Repetition, disorder, garbage, full disks and other writers: the tables of a clean load."""

from __future__ import annotations

import gzip
import os
import random
import resource
import subprocess
from pathlib import Path

import pytest

from metriccare.local import processes
from metriccare.tracking.states import FileState, RunState
from tests.faults import uploads
from tests.faults.bench import Bench
from tests.faults.lakes import METRICCARE, Processes, content, differences

# Where a row came from; the same rows may come in another file, or later.
ORIGIN = ("source_file", "source_line", "ingest_sequence", "tenant", "record_key")
MEANING = (
    *("silver.patient", "silver.encounter", "silver.condition", "silver.organization"),
    *("gold.stay", "gold.episode", "gold.measure_stay", "gold.infection_event"),
    *("gold.patient_day", "gold.measure_result", "publish.measure", "publish.infection_code"),
)


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return a lake after one run that nothing disturbed."""
    bench = Bench(tmp_path_factory.mktemp("clean"))
    bench.receive(history=uploads.history(), day=uploads.day(), deletes=uploads.deletes())
    bench.run()
    return bench


def said(bench: Bench, tenant: str = "default") -> dict[str, list[str]]:
    """Return what the tables say, wherever it came from and whosever it is."""
    found = content(bench.here.lake.folder, tenant=tenant, left_out=ORIGIN)
    return {name: found[name] for name in MEANING}


def test_the_same_file_ten_times_is_registered_once(tmp_path: Path):
    bench = Bench(tmp_path)
    counts = [bench.receive(history=uploads.history()) for _ in range(10)]
    assert [count.registered for count in counts] == [1] + [0] * 9
    with bench.store() as store:
        assert len(store.files()) == 1


def test_ten_copies_in_reverse_order_change_nothing(clean: Bench, tmp_path: Path):
    bench = Bench(tmp_path)
    for number in range(3):
        bench.receive(
            **{
                f"c{number}": uploads.deletes(),
                f"b{number}": uploads.day(),
                f"a{number}": uploads.history(),
            }
        )
    bench.receive(again=uploads.history())
    bench.run()
    assert differences(said(bench), said(clean)) == {}


def test_a_file_from_last_year_that_arrives_late_is_put_in_order(clean: Bench, tmp_path: Path):
    bench = Bench(tmp_path)
    bench.receive(deletes=uploads.deletes(), day=uploads.day())
    bench.run()
    bench.receive(history=uploads.history())
    bench.run()
    assert differences(said(bench), said(clean)) == {}


def test_garbage_and_half_an_upload_among_good_files(clean: Bench, tmp_path: Path):
    """An incomplete upload is sent again whole; a damaged archive is named and not loaded."""
    bench = Bench(tmp_path)
    history = uploads.history()
    damaged = gzip.compress(random.Random(1).randbytes(5000))[:-900]
    bench.receive(half=history[: len(history) // 2], damaged_gz=damaged, day=uploads.day())
    bench.run()
    with bench.store() as store:
        (unreadable,) = store.files(FileState.UNREADABLE)
        assert "damaged" in (unreadable.reason or "")
    bench.receive(history=history, deletes=uploads.deletes())
    bench.run()
    assert differences(said(bench), said(clean)) == {}


def test_two_tenants_with_the_same_ids_stay_separate(clean: Bench, tmp_path: Path):
    bench = Bench(tmp_path)
    bench.receive("north", history=uploads.history(), day=uploads.day(), deletes=uploads.deletes())
    bench.receive("south", history=uploads.history())
    bench.run()
    assert differences(said(bench, "north"), said(clean)) == {}
    assert len(said(bench, "south")["silver.patient"]) == 8


def test_a_table_that_cannot_be_written_fails_the_run_and_the_next_one_mends_it(
    clean: Bench, tmp_path: Path
):
    bench = Bench(tmp_path)
    bench.receive(history=uploads.history(), day=uploads.day(), deletes=uploads.deletes())
    in_the_way = bench.here.lake.folder / "gold" / "episode"
    in_the_way.parent.mkdir(parents=True)
    in_the_way.write_text("a file where the table's folder belongs")
    with pytest.raises(Exception, match="episode"):
        bench.run()
    with bench.store() as store:
        assert store.runs()[0].state is RunState.FAILED
        assert store.current_lease() is None
    in_the_way.unlink()
    bench.run()
    assert differences(said(bench), said(clean)) == {}


def test_a_file_that_arrives_during_a_run_is_processed_after_it(clean: Bench, tmp_path: Path):
    bench = Bench(tmp_path)
    bench.receive(history=uploads.history())

    def arrive(stage: str) -> None:
        if stage.startswith("Gold"):
            bench.receive(day=uploads.day(), deletes=uploads.deletes())

    bench.run(arrive)
    with bench.store() as store:
        assert {file.state for file in store.files()} == {FileState.PUBLISHED}
    assert differences(said(bench), said(clean)) == {}


def test_a_second_run_has_nothing_to_do_and_says_why(tmp_path: Path):
    bench = Bench(tmp_path)
    bench.receive(history=uploads.history())
    with bench.store() as store:
        store.acquire_lease(processes.owner(), processes.is_ended)
    done = subprocess.run(
        [METRICCARE, "run", "--lake", bench.here.lake.root],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
    assert "Nothing to do: Another run" in done.stderr
    assert "files registered meanwhile are not lost" in " ".join(done.stderr.split())
    with bench.store() as store:
        assert len(store.files(FileState.REGISTERED)) == 1


def test_a_disk_that_is_full_fails_the_run_and_the_next_one_mends_it(clean: Bench, tmp_path: Path):
    """The kernel refuses to let any file grow beyond a size that bronze's rows need."""
    lake = Processes(tmp_path / "lake")
    noise = random.Random(2).randbytes(1_500_000).hex()
    large = uploads.diagnosis("large", "p8", "p8-a", "2024-03-05") | {"note": [{"text": noise}]}
    folder = uploads.write(tmp_path / "sent", large=uploads.ndjson([large]))
    lake.ingest(folder)

    def no_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, resource.RLIM_INFINITY))

    done = subprocess.run(
        [METRICCARE, "run", "--lake", str(lake.folder)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=no_room,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 1
    assert "nothing half-done is published" in done.stderr
    lake.run()
    assert len(lake.content()["bronze.resource"]) == 1
    assert len(lake.content()["silver.condition"]) == 1
