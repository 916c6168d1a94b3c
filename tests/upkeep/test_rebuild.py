"""Lakes an earlier version wrote wrong are read, and after a rebuild say what a clean load says."""

from __future__ import annotations

import sqlite3
import tarfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from metriccare.engine.protocol import Changes, Engine, Row
from metriccare.errors import UsageError
from metriccare.ingest.sent_files import find_files
from metriccare.local.left_out_rows import rows_left_out
from metriccare.local.raw_zone import ingest
from metriccare.settings import DUCKDB
from metriccare.tables import BY_NAME, TABLES, Table, quality
from metriccare.tables.commit_note import CommitNote
from metriccare.tracking.pending import rebuilding
from metriccare.tracking.states import RunState
from metriccare.upkeep import rebuild
from metriccare.upkeep.erasure_plan import Request
from metriccare.upkeep.rebuild_request import Rebuild
from metriccare.wiring.engines import open_engine
from metriccare.wiring.local import LocalLake, local_lake, run_local
from metriccare.wiring.local_upkeep import erase_local, rebuild_local
from tests.faults.lakes import AS_OF, content

DAY = date.fromisoformat(AS_OF)
ARCHIVE = Path(__file__).with_name("old_lakes.tar.xz")
# The clean load takes all tenants in one order and from another folder: its files have other
# numbers and ids, and bronze's keys are made of these.
OF_FILES = ("ingest_sequence", "ordering", "file_id", "record_key")


class Bench:
    """The old lakes, and a lake that today's code loaded with what they had received."""

    def __init__(self, kind: str, folder: Path) -> None:
        self.kind = kind
        with tarfile.open(ARCHIVE) as archive:
            archive.extractall(folder, filter="data")
        self.folder = folder
        self.published, self.refused, self.clean = (
            self._lake(name) for name in ("published", "refused", "clean")
        )
        for here in (self.published, self.refused):
            _move_raw_files(here)

    def _lake(self, name: str) -> LocalLake:
        return local_lake(str(self.folder / name), None, self.kind)

    def load_clean(self) -> None:
        for tenant in sorted((self.folder / "in").iterdir()):
            with closing(self.clean.store()) as store:
                ingest(self.clean.lake, store, find_files([tenant]), tenant.name)
        run_local(self.clean, DAY, _silently)

    def differing(self, here: LocalLake, tenant: str) -> set[str]:
        """Return the tables that say something else of a tenant than after the clean load."""
        wanted, found = self.content(self.clean, tenant), self.content(here, tenant)
        return {name for name, rows in wanted.items() if rows != found[name]}

    def content(self, here: LocalLake, tenant: str) -> dict[str, list[str]]:
        rows = content(here.lake.folder, tenant=tenant, left_out=OF_FILES)
        # A log of the patients that runs released.
        del rows["silver.released_patient"]
        return rows


def _move_raw_files(here: LocalLake) -> None:
    """Let tracking find the raw files where the archive was unpacked."""
    raw = here.lake.folder.resolve() / "raw"
    with closing(sqlite3.connect(here.tracking_file)) as db, db:
        db.execute(
            "UPDATE file SET location = ? || substr(location, instr(location, '/raw/') + 4)",
            (str(raw),),
        )


def _silently(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def bench(engine_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return the lakes; the tests below build on each other."""
    bench = Bench(engine_kind, tmp_path_factory.mktemp("bench"))
    bench.load_clean()
    return bench


@contextmanager
def engine_over(here: LocalLake, kind: str = DUCKDB) -> Iterator[Engine[Any]]:
    with open_engine(here.lake, kind, lambda: None) as engine:
        yield engine


def rows(here: LocalLake, table: Table) -> list[Row]:
    with engine_over(here) as engine:
        return engine.rows(engine.read(table))


def patients_of(here: LocalLake, tenant: str) -> dict[str, str | None]:
    stays = rows(here, BY_NAME["silver.encounter"])
    return {row["id"]: row["patient_id"] for row in stays if row["tenant"] == tenant}


def test_tables_of_an_earlier_version_can_be_read(bench: Bench):
    for here in (bench.published, bench.refused):
        with engine_over(here, bench.kind) as engine:
            for table in TABLES:
                engine.rows(engine.read(table))
    assert {"silver.encounter", "gold.measure_stay"} <= bench.differing(bench.published, "types")
    assert patients_of(bench.published, "types") == {"e1": "1", "e2": "1"}
    old = rows(bench.published, BY_NAME["bronze.resource"])
    assert {row["bundle"] for row in old} == {None}


def test_commits_that_left_rows_out_are_found(bench: Bench):
    assert rows_left_out(bench.published.lake.folder) == {}
    counts = rows_left_out(bench.refused.lake.folder)
    assert {table.full_name for table in counts} == {"bronze.resource", "silver.patient"}
    assert all(counts.values())


def test_rows_lost_and_shifted_are_brought_back_from_bronze_and_raw(bench: Bench):
    here = bench.refused
    assert "silver.patient" in bench.differing(here, "dates")
    assert "bronze.resource" in bench.differing(here, "stamps")
    record = rebuild_local(here, Rebuild(), DAY, _silently)
    assert record.state is RunState.SUCCEEDED
    assert bench.differing(here, "dates") == set()
    assert bench.differing(here, "stamps") == set()
    with engine_over(here, bench.kind) as engine:
        assert [row for table in TABLES for row in engine.rows(engine.misfiled(table))] == []
    assert rows_left_out(here.lake.folder) == {}
    assert not Path(here.lake.path("silver/.rebuild")).exists()


def instants(bench: Bench, here: LocalLake) -> dict[str, list[str]]:
    """Return the commits of every table but the published ones, and the one of every run."""
    written = [
        table
        for table in TABLES
        if not table.full_name.startswith("publish.") and table != quality.SCORE
    ]
    with engine_over(here, bench.kind) as engine:
        return {t.full_name: [each.instant for each in engine.history(t)] for t in written}


def test_a_second_rebuild_writes_no_row(bench: Bench):
    here = bench.refused
    before = instants(bench, here)
    rebuild_local(here, Rebuild(), DAY, _silently)
    assert instants(bench, here) == before
    assert bench.differing(here, "dates") == set()


def test_a_rebuild_that_breaks_off_is_taken_on_by_the_next_run(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
):
    here, others = bench.published, bench.content(bench.published, "numbers")
    with monkeypatch.context() as disk:
        with engine_over(here, bench.kind) as engine:
            kind = type(engine)
        disk.setattr(kind, "commit", _full_when_rows_are_replaced(kind.commit))
        with pytest.raises(OSError, match="full"):
            rebuild_local(here, Rebuild("types"), DAY, _silently)
    # The wrong rows are removed, and the right ones are not written yet.
    assert patients_of(here, "types").get("e2", "gone") == "gone"
    with closing(here.store()) as store:
        assert rebuilding(store.runs()) == {"types"}
    with pytest.raises(UsageError, match="A rebuild was interrupted"):
        erase_local(here, Request("types", "1", "asked"), _silently)
    record = run_local(here, DAY, _silently)
    assert record is not None
    assert record.state is RunState.SUCCEEDED
    assert bench.differing(here, "types") == set()
    with closing(here.store()) as store:
        assert rebuilding(store.runs()) == frozenset()
    # Silver of the other tenants waits for a rebuild of its own.
    silver = [name for name in others if name.startswith("silver.")]
    found = bench.content(here, "numbers")
    assert [name for name in silver if found[name] != others[name]] == []


def _full_when_rows_are_replaced(commit: Callable[..., None]) -> Callable[..., None]:
    """Derive silver, and fail with a full disk when the rows of encounters are written."""

    def commit_or_fail(engine: Any, changes: Changes[Any], note: CommitNote) -> None:
        if note.step == f"{rebuild.STEP}-rows" and changes.table.name == "encounter":
            raise OSError("the disk is full")
        commit(engine, changes, note)

    return commit_or_fail


def test_references_resolved_wrongly_are_resolved_again_from_bronze_alone(bench: Bench):
    here = bench.published
    assert patients_of(here, "numbers")["e-any"] == "p-a"
    assert patients_of(here, "urns") == {"e-a": "p-a", "e-b": "p-a"}
    rebuild_local(here, Rebuild(), DAY, _silently)
    assert bench.differing(here, "types") == set()
    assert bench.differing(here, "numbers") == set()
    # Bronze of the earlier version does not know which Bundle an urn belongs to.
    assert patients_of(here, "urns") == {"e-a": None, "e-b": None}


def test_with_the_uploads_urns_of_several_bundles_are_resolved_too(bench: Bench):
    here = bench.published
    rebuild_local(here, Rebuild(from_raw=True), DAY, _silently)
    assert patients_of(here, "urns") == {"e-a": "p-a", "e-b": "p-b"}
    assert [t for t in ("urns", "types", "numbers") if bench.differing(here, t)] == []


def test_a_tenant_without_files_cannot_be_rebuilt(bench: Bench):
    with pytest.raises(UsageError, match="no file of tenant north"):
        rebuild_local(bench.clean, Rebuild("north"), DAY, _silently)
