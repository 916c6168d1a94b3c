"""Generated data through the whole chain: results equal the truth, and nothing repeats."""

from __future__ import annotations

import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data_generator import GeneratorConfig, generate
from metriccare.local.file_slices import newest_files
from metriccare.report.page import write_report
from metriccare.report.truth import RESULTS_SQL, compare, read_truth
from metriccare.spark import hudi
from metriccare.tables import BY_NAME, TABLES
from metriccare.tracking.states import FileState
from tests.end_to_end.conftest import Lakeside

pytestmark = pytest.mark.spark

FIRST, SECOND = "encounters", "patients"
GOLD = ("gold.stay", "gold.measure_stay", "gold.measure_result", "publish.measure")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated") / "fhir_data"
    generate(GeneratorConfig(out, patients=400, seed=11))
    return out


def test_every_result_equals_the_truth(lakeside: Lakeside, generated: Path):
    truth = read_truth(generated / "truth.json")
    lakeside.ingest(generated / "json")
    record = lakeside.run(truth.as_of)
    assert record.rows_quarantined == 0
    compared = compare(truth, list(lakeside.ask(RESULTS_SQL).records()))
    assert compared.different == ()
    assert compared.equal > 4000


def test_spark_and_hudi_rs_read_the_same_rows(lakeside: Lakeside, spark):
    for table in TABLES:
        counted = lakeside.ask(
            f"SELECT count(*), count(DISTINCT record_key) FROM {table.full_name}"
        )
        rows, keys = counted.rows[0]
        assert rows == keys
        assert rows == hudi.read(spark, lakeside.here.lake, table).count(), table.full_name


def test_every_declared_table_exists_after_the_first_run(lakeside: Lakeside, spark):
    assert all(hudi.exists(spark, lakeside.here.lake, table) for table in TABLES)
    assert newest_files(lakeside.here.lake, BY_NAME["silver.patient"], {})


def test_the_same_files_again_are_nothing_to_do(lakeside: Lakeside, generated: Path):
    again = lakeside.ingest(generated / "json")
    assert (again.registered, again.known) == (0, 13)
    assert lakeside.run() is None


def test_the_same_content_under_other_names_changes_no_row(
    lakeside: Lakeside, generated: Path, tmp_path: Path
):
    before = {table: lakeside.stamps(table) for table in (*GOLD, "silver.encounter")}
    for folder in (FIRST, SECOND):
        shutil.copytree(generated / "json" / folder, tmp_path / f"renamed-{folder}")
    lakeside.ingest(tmp_path)
    lakeside.run(read_truth(generated / "truth.json").as_of)
    assert {table: lakeside.stamps(table) for table in before} == before


def test_the_report_is_one_page_that_needs_nothing_else(lakeside: Lakeside, tmp_path: Path):
    from metriccare.local.query import open_engine

    write_report(open_engine(lakeside.here.lake), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Unplanned readmission" in page
    assert 'src="http' not in page


def test_runs_that_died_are_taken_on_and_end_in_the_same_tables(
    spark, lakeside: Lakeside, generated: Path, tmp_path: Path
):
    from metriccare.jobs import pipeline

    truth = read_truth(generated / "truth.json")
    other = Lakeside(tmp_path)
    now = datetime.now(UTC)
    dead = pipeline.Writer(f"{socket.gethostname()}:999999999:0", lambda _: True, now)
    for folder in sorted(path for path in (generated / "json").iterdir()):
        other.ingest(folder)
    with other.store() as store:
        run = pipeline.begin(other.here.lake, other.here.settings, store, dead, None)
        store.claim(run.lease, run.record.run_id)
    with other.store() as store:
        run = pipeline.begin(other.here.lake, other.here.settings, store, dead, None)
        pipeline.run_bronze(spark, run)
        assert store.files(FileState.LOADED)
    other.run(truth.as_of)
    for table in ("silver.encounter", "gold.stay", "gold.measure_stay", "gold.measure_result"):
        assert other.content(table) == lakeside.content(table), table
