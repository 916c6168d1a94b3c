"""Runs, rollbacks and erasures leave marts that say what the published tables say."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from metriccare.ingest.sent_files import find_files
from metriccare.local.folder_store import FolderStore
from metriccare.local.raw_zone import ingest
from metriccare.query.published.file_list import PointerFiles
from metriccare.query.published.publication import Publication
from metriccare.query.published.verification import verified
from metriccare.wiring.local import local_lake, run_local
from metriccare.wiring.local_upkeep import (
    Request,
    build_marts_local,
    erase_local,
    roll_back_local,
)
from metriccare.wiring.published import published_files_of
from metriccare.wiring.queries import open_engine
from tests.faults import uploads
from tests.faults.lakes import AS_OF

DAY = date.fromisoformat(AS_OF)
TENANT = "default"


class Bench:
    """A lake in a folder, worked on in the tests' own process."""

    def __init__(self, folder: Path) -> None:
        self.here = local_lake(str(folder / "lake"), None, "duckdb")
        self.folder, self.root = folder, self.here.lake.folder
        self.files = PointerFiles(FolderStore(self.root))

    def receive(self, **files: bytes) -> None:
        found = find_files([uploads.write(self.folder / "-".join(files), **files)])
        with closing(self.here.store()) as store:
            ingest(self.here.lake, store, found, TENANT)

    def run(self):
        return run_local(self.here, DAY, lambda _: None)

    def publication(self) -> Publication:
        found = self.files.current(TENANT)
        assert found is not None
        return found

    def check(self) -> None:
        """Compare the marts with the published tables, and every file with its manifest."""
        engine = open_engine(self.here.lake)
        for name in ("measure", "freshness", "kpi", "data_quality", "revenue_cycle_kpis"):
            manifest = self.publication().manifests[name]
            names = [column.name for column in manifest.columns]
            found = pq.ParquetFile(self.root / manifest.files[0].path).read()
            expected = engine.query(f"SELECT {', '.join(names)} FROM {name}")
            rows = [tuple(_plain(value) for value in row.values()) for row in found.to_pylist()]
            assert sorted(rows, key=repr) == sorted(
                (tuple(map(_plain, row)) for row in expected.rows), key=repr
            )
        assert [one for one in verified(self.files, TENANT) if one.problem] == []


def _plain(value: object) -> object:
    return value.replace(tzinfo=None) if hasattr(value, "tzinfo") else value


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return a lake after one run; the tests below build on each other."""
    bench = Bench(tmp_path_factory.mktemp("bench"))
    bench.receive(history=uploads.history())
    bench.run()
    return bench


def test_a_run_publishes_what_its_tables_hold(bench: Bench):
    bench.check()
    assert bench.publication().pointer.as_of == DAY


def test_a_second_run_moves_the_pointer_and_a_rollback_moves_it_back(bench: Bench):
    first = bench.publication().pointer
    bench.receive(day=uploads.day(), deletes=uploads.deletes())
    second = bench.run()
    assert second is not None
    assert bench.publication().pointer.run_id == second.run_id
    bench.check()
    roll_back_local(bench.here, second.run_id, lambda _: None)
    rolled_back = bench.publication().pointer
    assert (rolled_back.run_id, rolled_back.as_of) == (first.run_id, first.as_of)
    assert rolled_back.published_at == first.published_at
    bench.check()
    bench.run()
    bench.check()


def test_a_lake_whose_marts_are_lost_is_read_from_its_tables_until_they_are_built(bench: Bench):
    before = bench.publication()
    FolderStore(bench.root).delete_folder("marts")
    files = published_files_of(bench.here.lake)
    found = files.current(TENANT)
    assert files.tenants() == (TENANT,)
    assert found is not None
    assert sum(len(manifest.files) for manifest in found.manifests.values()) > 0
    build_marts_local(bench.here, lambda _: None)
    built = bench.publication()
    assert (built.pointer.run_id, built.pointer.as_of) == (before.pointer.run_id, DAY)
    bench.check()


def figures_in(lake: Path) -> set[str]:
    """Return the files of the tenant's marts; how the runs went is of no person, and stays."""
    paths = FolderStore(lake).sizes(f"marts/{TENANT}")
    operations = ("alert/", "alerts.json", "operations", "run/")
    return {path for path in paths if not path.startswith(operations)}


def test_an_erasure_leaves_no_file_of_an_older_publication(bench: Bench):
    erase_local(bench.here, Request(TENANT, "p1", "asked for"), lambda _: None)
    bench.check()
    publication = bench.publication()
    named = {"current.json", f"publications/{publication.id}.json"}
    for name, entry in publication.pointer.marts.items():
        named.add(entry.manifest.removeprefix(f"marts/{TENANT}/"))
        named |= {
            file.path.removeprefix(f"marts/{TENANT}/") for file in publication.manifests[name].files
        }
    assert figures_in(bench.root) == named
    assert publication.pointer.as_of == DAY


def test_a_first_run_rolled_back_leaves_nothing_published(tmp_path: Path):
    bench = Bench(tmp_path)
    bench.receive(history=uploads.history())
    run = bench.run()
    assert run is not None
    roll_back_local(bench.here, run.run_id, lambda _: None)
    assert bench.files.tenants() == ()
    assert figures_in(bench.root) == set()
