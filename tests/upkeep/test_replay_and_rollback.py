"""Replayed files, and runs that were rolled back and repeated, give the tables of a clean load."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from metriccare.engine.protocol import Changes, Operation
from metriccare.errors import ClockBehind, UsageError
from metriccare.ingest.sent_files import find_files
from metriccare.local.raw_zone import ingest
from metriccare.pipeline.silver import stage as silver
from metriccare.sources.fhir import resources
from metriccare.tables import BY_NAME
from metriccare.tables.commit_note import CommitNote
from metriccare.tracking.states import FileState, RunState
from metriccare.upkeep.replay import Window
from metriccare.wiring.engines import open_engine
from metriccare.wiring.local import local_lake, run_local
from metriccare.wiring.local_upkeep import replay_local, roll_back_local
from tests.faults import uploads
from tests.faults.lakes import AS_OF, content, differences

DAY = date.fromisoformat(AS_OF)
ALL_DAYS = Window(date(2000, 1, 1), date(2100, 1, 1))


class Bench:
    """A lake in a folder, worked on in the tests' own process."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.here = local_lake(str(folder / "lake"), None, kind)
        self.folder = folder

    def receive(self, **files: bytes) -> None:
        found = find_files([uploads.write(self.folder / "-".join(files), **files)])
        with closing(self.here.store()) as store:
            ingest(self.here.lake, store, found, "default")

    def run(self):
        return run_local(self.here, DAY, lambda _: None)

    def replay(self, window: Window = ALL_DAYS):
        return replay_local(self.here, window, DAY, lambda _: None)

    def roll_back(self, run_id: str) -> int:
        return roll_back_local(self.here, run_id, lambda _: None)

    def content(self) -> dict[str, list[str]]:
        found = content(self.here.lake.folder)
        # A log of released patients: every replay adds those that it decides again.
        del found["silver.released_patient"]
        return found

    def store(self):
        return closing(self.here.store())


@pytest.fixture(scope="module")
def bench(engine_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return a lake after two runs; the tests below build on each other."""
    bench = Bench(engine_kind, tmp_path_factory.mktemp("bench"))
    bench.receive(history=uploads.history())
    bench.run()
    bench.receive(day=uploads.day(), deletes=uploads.deletes())
    return bench


def test_a_run_rolled_back_leaves_the_state_before_and_comes_again(bench: Bench):
    before = bench.content()
    run = bench.run()
    after = bench.content()
    assert bench.roll_back(run.run_id) == 2
    rolled_back = bench.content()
    kept = [name for name in before if not name.startswith("bronze.")]
    assert differences(rolled_back, {name: before[name] for name in kept}) == {}
    with bench.store() as store:
        assert len(store.files(FileState.REGISTERED)) == 2
        assert store.runs()[0].state is RunState.ROLLED_BACK
    assert rolled_back["bronze.resource"] == after["bronze.resource"]
    bench.run()
    assert differences(bench.content(), after) == {}


def test_only_the_newest_run_can_be_rolled_back(bench: Bench):
    with bench.store() as store:
        newest, rolled_back, first = store.runs()
    with pytest.raises(UsageError, match=f"{newest.run_id} came after {first.run_id}"):
        bench.roll_back(first.run_id)
    with pytest.raises(UsageError, match="is rolled back already"):
        bench.roll_back(rolled_back.run_id)
    with pytest.raises(UsageError, match="There is no run"):
        bench.roll_back("run-of-nobody")


def test_a_replay_of_everything_changes_nothing_and_doubles_nothing(bench: Bench):
    before = bench.content()
    record = bench.replay()
    assert (record.state, record.files) == (RunState.SUCCEEDED, 3)
    assert differences(bench.content(), before) == {}


def test_a_window_without_files_is_nothing_to_do(bench: Bench):
    assert bench.replay(Window(date(2001, 1, 1), date(2001, 1, 2))) is None


def test_a_mended_mapping_takes_effect_on_content_that_never_changed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    """A mapping that wrote the wrong sex into every row is fixed."""
    wanted = bench.content()
    with monkeypatch.context() as broken:
        broken.setattr(silver, "RESOURCES", tuple(map(_mistaken, resources.RESOURCES)))
        bench.replay()
        wrong = differences(bench.content(), wanted)
        assert "silver.patient" in wrong
        assert "publish.measure" in wrong
    bench.replay()
    assert differences(bench.content(), wanted) == {}


def _mistaken(resource: resources.Resource) -> resources.Resource:
    """Return the resource with a mistake: every sex is male."""
    mistakes = {"sex": "'male'"}
    fields = tuple(replace(f, sql=mistakes.get(f.name, f.sql)) for f in resource.fields)
    return replace(resource, fields=fields)


def test_a_clock_moved_back_is_refused_before_anything_is_written(bench: Bench):
    before = bench.content()
    with bench.store() as store:
        last = store.runs()[0]
        store.put_run(replace(last, ended_at=datetime(2999, 1, 1, tzinfo=UTC)))
    bench.receive(late=uploads.ndjson([uploads.patient("p8", "2024-06-20T00:00:00Z")]))
    with pytest.raises(ClockBehind, match="Set the clock right"):
        bench.run()
    assert differences(bench.content(), before) == {}
    with bench.store() as store:
        store.put_run(last)
        assert store.current_lease() is None
    assert bench.run().files == 1


def test_a_commit_from_the_future_is_not_written_over(bench: Bench, engine_kind: str):
    lake, table = bench.here.lake, BY_NAME["silver.released_patient"]
    place = Path(lake.path(table.path)) / ".hoodie" / "29990101000000000.commit"
    place.write_text("{}")
    with open_engine(lake, engine_kind, lambda: None) as engine:
        row = dict.fromkeys(table.column_names) | {"tenant": "default", "record_key": "any"}
        rows = engine.from_rows(table.columns, [list((row | {"ordering": 1}).values())])
        with pytest.raises(ClockBehind, match="2999-01-01"):
            engine.commit(Changes(table, rows, Operation.UPSERT), CommitNote("run-1", "any"))
    place.unlink()
