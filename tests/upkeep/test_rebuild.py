"""Lakes an earlier version wrote wrong are read, and after a rebuild say what a clean load says."""

from __future__ import annotations

import sqlite3
import tarfile
from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from pyspark.sql import DataFrame

from metriccare.bootstrap import LocalLake, local_lake, run_local
from metriccare.bootstrap_upkeep import erase_local, rebuild_local
from metriccare.errors import UsageError
from metriccare.jobs import rebuild
from metriccare.local.left_out_rows import rows_left_out
from metriccare.local.raw_zone import ingest
from metriccare.local.sent_files import find_files
from metriccare.settings import Lake
from metriccare.spark import hudi, timeline
from metriccare.spark.timeline import CommitNote
from metriccare.steps.rebuild import Rebuild
from metriccare.tables import BY_NAME, TABLES, Table
from metriccare.tracking.erasure import Request
from metriccare.tracking.pending import rebuilding
from metriccare.tracking.states import RunState
from tests.faults.lakes import AS_OF, content

pytestmark = pytest.mark.spark

DAY = date.fromisoformat(AS_OF)
ARCHIVE = Path(__file__).with_name("old_lakes.tar.xz")
# The clean load takes all tenants in one order and from another folder: its files have other
# numbers and ids, and bronze's keys are made of these.
OF_FILES = ("ingest_sequence", "ordering", "file_id", "record_key")


class Bench:
    """The old lakes, and a lake that today's code loaded with what they had received."""

    def __init__(self, folder: Path) -> None:
        with tarfile.open(ARCHIVE) as archive:
            archive.extractall(folder, filter="data")
        self.folder = folder
        self.published, self.refused, self.clean = (
            self._lake(name) for name in ("published", "refused", "clean")
        )
        for here in (self.published, self.refused):
            _move_raw_files(here)

    def _lake(self, name: str) -> LocalLake:
        return local_lake(str(self.folder / name), None)

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
        # A log of what runs let go.
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
def bench(spark, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Return the lakes; the tests below build on each other."""
    bench = Bench(tmp_path_factory.mktemp("bench"))
    bench.load_clean()
    return bench


def patients_of(here: LocalLake, spark, tenant: str) -> dict[str, str | None]:
    rows = hudi.read(spark, here.lake, BY_NAME["silver.encounter"]).where(f"tenant = '{tenant}'")
    return {row.id: row.patient_id for row in rows.collect()}


def test_tables_of_an_earlier_version_can_be_read(bench: Bench, spark):
    for here in (bench.published, bench.refused):
        for table in TABLES:
            hudi.read(spark, here.lake, table).collect()
    assert {"silver.encounter", "gold.measure_stay"} <= bench.differing(bench.published, "types")
    assert patients_of(bench.published, spark, "types") == {"e1": "1", "e2": "1"}
    old = hudi.read(spark, bench.published.lake, BY_NAME["bronze.resource"])
    assert {row.bundle for row in old.collect()} == {None}


def test_commits_that_left_rows_out_are_found(bench: Bench):
    assert rows_left_out(bench.published.lake.folder) == {}
    counts = rows_left_out(bench.refused.lake.folder)
    assert {table.full_name for table in counts} == {"bronze.resource", "silver.patient"}
    assert all(counts.values())


def test_rows_lost_and_shifted_are_brought_back_from_bronze_and_raw(bench: Bench, spark):
    here = bench.refused
    assert "silver.patient" in bench.differing(here, "dates")
    assert "bronze.resource" in bench.differing(here, "stamps")
    record = rebuild_local(here, Rebuild(), DAY, _silently)
    assert record.state is RunState.SUCCEEDED
    assert bench.differing(here, "dates") == set()
    assert bench.differing(here, "stamps") == set()
    assert all(hudi.misfiled(spark, here.lake, table).isEmpty() for table in TABLES)
    assert rows_left_out(here.lake.folder) == {}
    assert not Path(here.lake.path("silver/.rebuild")).exists()


@pytest.mark.slow
def test_a_second_rebuild_writes_no_row(bench: Bench, spark):
    here, before = bench.refused, {}
    written = [table for table in TABLES if not table.full_name.startswith("publish.")]
    before = {table: timeline.completed(spark, here.lake, table) for table in written}
    rebuild_local(here, Rebuild(), DAY, _silently)
    after = {table: timeline.completed(spark, here.lake, table) for table in written}
    assert {table.full_name for table in written if after[table] != before[table]} == set()
    assert bench.differing(here, "dates") == set()


@pytest.mark.slow
def test_a_rebuild_that_breaks_off_is_taken_on_by_the_next_run(
    bench: Bench, spark, monkeypatch: pytest.MonkeyPatch
):
    here, others = bench.published, bench.content(bench.published, "numbers")
    with monkeypatch.context() as disk:
        disk.setattr(hudi, "append", _full_when_rows_are_replaced(hudi.append))
        with pytest.raises(OSError, match="full"):
            rebuild_local(here, Rebuild("types"), DAY, _silently)
    # The wrong rows are gone, and the right ones are not there yet.
    assert patients_of(here, spark, "types").get("e2", "gone") == "gone"
    with closing(here.store()) as store:
        assert rebuilding(store.runs()) == {"types"}
    with pytest.raises(UsageError, match="A rebuild broke off"):
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


def _full_when_rows_are_replaced(append: Callable[..., None]) -> Callable[..., None]:
    """Let silver be derived, and the disk be full when its right rows come to their tables."""

    def append_or_fail(rows: DataFrame, lake: Lake, table: Table, note: CommitNote) -> None:
        if note.step.startswith(rebuild.STEP):
            raise OSError("the disk is full")
        append(rows, lake, table, note)

    return append_or_fail


def test_references_resolved_wrongly_are_resolved_again_from_bronze_alone(bench: Bench, spark):
    here = bench.published
    assert patients_of(here, spark, "numbers")["e-any"] == "p-a"
    assert patients_of(here, spark, "urns") == {"e-a": "p-a", "e-b": "p-a"}
    rebuild_local(here, Rebuild(), DAY, _silently)
    assert bench.differing(here, "types") == set()
    assert bench.differing(here, "numbers") == set()
    # Bronze of the earlier version does not know which Bundle an urn belongs to.
    assert patients_of(here, spark, "urns") == {"e-a": None, "e-b": None}


def test_with_the_uploads_urns_of_several_bundles_are_resolved_too(bench: Bench, spark):
    here = bench.published
    rebuild_local(here, Rebuild(from_raw=True), DAY, _silently)
    assert patients_of(here, spark, "urns") == {"e-a": "p-a", "e-b": "p-b"}
    assert [t for t in ("urns", "types", "numbers") if bench.differing(here, t)] == []


def test_a_tenant_without_files_cannot_be_rebuilt(bench: Bench):
    with pytest.raises(UsageError, match="no file of tenant north"):
        rebuild_local(bench.clean, Rebuild("north"), DAY, _silently)
