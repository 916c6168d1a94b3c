"""Generated data through the whole chain: results equal the truth, and nothing repeats."""

from __future__ import annotations

import json
import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data_generator import GeneratorConfig, generate
from metriccare.errors import UsageError
from metriccare.marts.measures import BY_ID
from metriccare.marts.stays.codesets import load_code_sets
from metriccare.pipeline import runs
from metriccare.query.duckdb.file_slices import newest_files
from metriccare.query.duckdb.lake_files import FolderFiles
from metriccare.report.explain import explain
from metriccare.report.page import write_report
from metriccare.report.truth import RESULTS_SQL, compare, read_truth
from metriccare.settings import SPARK
from metriccare.tables import BY_NAME, TABLES
from metriccare.tracking.states import FileState
from metriccare.upkeep import stages
from metriccare.wiring.engines import open_engine as open_pipeline
from metriccare.wiring.queries import open_engine
from metriccare.wiring.storage import folder_storage
from tests.end_to_end.conftest import Lakeside

FIRST, SECOND = "encounters", "patients"
GOLD = ("gold.stay", "gold.measure_stay", "gold.measure_result", "publish.measure")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated") / "fhir_data"
    generate(GeneratorConfig(out, patients=400, seed=81))
    return out


def test_every_result_equals_the_truth(lakeside: Lakeside, generated: Path):
    truth = read_truth(generated / "truth.json")
    lakeside.ingest(generated / "json")
    record = lakeside.run(truth.as_of)
    assert record.rows_quarantined == 0
    compared = compare(truth, list(lakeside.ask(RESULTS_SQL).records()))
    assert compared.different == ()
    assert compared.equal > 4000


def test_stays_carry_the_flags_of_the_answer_key(lakeside: Lakeside, generated: Path):
    stays = json.loads((generated / "truth.json").read_text())["stays"]
    known = ["age_implausible", "open_stay_too_long", "principal_ambiguous", "transfer_assumed"]
    known.append("unknown_hospital")
    true = {s["stay_id"]: sorted(s["flags"]) for s in stays}
    rows = lakeside.ask("SELECT stay_id, dq_flags FROM gold.stay").rows
    assert {stay: sorted(set(flags) & set(known)) for stay, flags in rows} == true
    assert {flag for flags in true.values() for flag in flags} == set(known)


def assert_read_by_all(lakeside: Lakeside, kind: str) -> None:
    """Compare the rows of every table as an engine reads them with those hudi-rs finds."""
    with open_pipeline(lakeside.here.lake, kind, lambda: None) as engine:
        for table in TABLES:
            counted = f"SELECT count(*), count(DISTINCT record_key) FROM {table.full_name}"
            rows, keys = lakeside.ask(counted).rows[0]
            assert rows == keys
            found = engine.measure(engine.read(table), {"rows": "count(*)"})
            assert rows == found["rows"], table.full_name


def test_the_engine_and_hudi_rs_read_the_same_rows(lakeside: Lakeside, engine_kind: str):
    assert_read_by_all(lakeside, engine_kind)


@pytest.mark.spark
def test_spark_reads_the_same_rows(lakeside: Lakeside, generated: Path, spark):
    # The test before it, which loads the lake, may have been left out.
    lakeside.ingest(generated / "json")
    lakeside.run()
    assert_read_by_all(lakeside, SPARK)


def test_every_declared_table_exists_after_the_first_run(lakeside: Lakeside, engine_kind: str):
    with open_pipeline(lakeside.here.lake, engine_kind, lambda: None) as engine:
        assert all(engine.commits(table) for table in TABLES)
    assert newest_files(FolderFiles(lakeside.here.lake.folder), BY_NAME["silver.patient"])


def test_the_same_files_again_are_nothing_to_do(lakeside: Lakeside, generated: Path):
    again = lakeside.ingest(generated / "json")
    files = [path for path in (generated / "json").rglob("*") if path.is_file()]
    assert (again.registered, again.known) == (0, len(files))
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
    write_report(open_engine(lakeside.here.lake), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "Unplanned readmission" in page
    assert 'src="http' not in page


def test_killed_runs_are_continued_and_end_in_the_same_tables(
    engine_kind: str, lakeside: Lakeside, generated: Path, tmp_path: Path
):
    truth = read_truth(generated / "truth.json")
    other = Lakeside(tmp_path, engine_kind)
    now = datetime.now(UTC)
    dead = runs.Writer(f"{socket.gethostname()}:999999999:0", lambda _: True, now)
    for folder in sorted(path for path in (generated / "json").iterdir()):
        other.ingest(folder)
    with other.store() as store:
        run = runs.begin(folder_storage(other.here.lake), other.here.settings, store, dead, None)
        store.claim(run.lease, run.record.run_id)
    with other.store() as store:
        run = runs.begin(folder_storage(other.here.lake), other.here.settings, store, dead, None)
        with open_pipeline(other.here.lake, engine_kind, lambda: None) as engine:
            stages.run_bronze(engine, run)
        assert store.files(FileState.LOADED)
    other.run(truth.as_of)
    for table in ("silver.encounter", "gold.stay", "gold.measure_stay", "gold.measure_result"):
        assert other.content(table) == lakeside.content(table), table


def explanations(lakeside: Lakeside) -> dict[tuple[str, str], tuple[str, list]]:
    """Explain one stay of every measure for each reason it is out, and one that is in."""
    engine = open_engine(lakeside.here.lake)
    sql = (
        "SELECT measure_id, exclusion_reasons, min(stay_id) AS stay_id FROM gold.measure_stay"
        " GROUP BY measure_id, exclusion_reasons"
    )
    found = {}
    for row in lakeside.ask(sql).records():
        explanation = explain(engine, load_code_sets(), row["measure_id"], row["stay_id"])
        key = (row["measure_id"], ",".join(row["exclusion_reasons"]))
        found[key] = (row["stay_id"], list(explanation.records()))
    return found


def test_every_verdict_is_explained_down_to_the_line_of_its_file(
    lakeside: Lakeside, generated: Path
):
    found = explanations(lakeside)
    assert {measure for measure, _ in found} == set(BY_ID)
    for (measure, reasons), (stay, explanation) in found.items():
        said = {row["part"]: row for row in explanation}
        assert said["rule"]["says"].endswith(f"docs/measures.md#{measure}.")
        assert said["evidence"]["id"].startswith("run-")
        assert said["verdict"]["id"] == ("out" if reasons else "in")
        assert [r["id"] for r in explanation if r["part"] == "reason"] == [
            r for r in reasons.split(",") if r
        ]
        assert said["stay"]["id"] == stay
        for row in explanation:
            if row["part"] in ("encounter", "condition", "claim", "result", "procedure"):
                file = generated / row["source_file"]
                assert row["id"] in file.read_text().splitlines()[row["source_line"] - 1]


def test_the_explanation_gives_the_facts_behind_a_reason(lakeside: Lakeside):
    found = explanations(lakeside)
    says = {
        reasons: next(r["says"] for r in explanation if r["part"] == "reason")
        for (measure, reasons), (_, explanation) in found.items()
        if measure in ("readmission_30d", "mortality_30d") and "," not in reasons and reasons
    }
    assert "the data is complete up to" in says["censored"]
    assert "the draw kept" in says["not_sampled"]
    assert says["died"].startswith("The stay ended by death: ")


def test_an_unknown_measure_or_stay_is_one_sentence(lakeside: Lakeside):
    engine = open_engine(lakeside.here.lake)
    with pytest.raises(UsageError, match="There is no measure 'mean'"):
        explain(engine, load_code_sets(), "mean", "x")
    with pytest.raises(UsageError, match="There is no stay x'y"):
        explain(engine, load_code_sets(), "alos", "x'y")


def test_an_encounter_folded_into_a_stay_leads_to_it(lakeside: Lakeside):
    sql = (
        "SELECT stay_id, encounter_ids FROM gold.stay WHERE cardinality(encounter_ids) > 1 LIMIT 1"
    )
    (row,) = lakeside.ask(sql).records()
    with pytest.raises(UsageError, match=f"an encounter of the stay {row['stay_id']}"):
        explain(open_engine(lakeside.here.lake), load_code_sets(), "alos", row["encounter_ids"][-1])


def test_candidates_are_those_that_count_and_those_left_out(lakeside: Lakeside):
    """For every measure; and patient days by month are those by ward."""
    sql = (
        "SELECT r.measure_id FROM gold.measure_result r JOIN (SELECT measure_id, count(*) AS n,"
        " count_if(in_denominator) AS counted FROM gold.measure_stay GROUP BY measure_id) e"
        " ON e.measure_id = r.measure_id WHERE r.grain = 'all' AND r.stratum_type = 'overall'"
        " AND (r.excluded <> e.n - e.counted OR (r.denominator <> e.counted"
        " AND r.measure_id NOT IN ('infection_hospital_acquired', 'infection_cdiff_labid',"
        " 'infection_mrsa_labid')))"
    )
    assert lakeside.ask(sql).rows == ()
    days = (
        "SELECT grain, stratum_type, sum(denominator) FROM gold.measure_result"
        " WHERE measure_id = 'infection_hospital_acquired' AND stratum_type <> 'infection_type'"
        " GROUP BY grain, stratum_type"
    )
    (census,) = {
        row[0] for row in lakeside.ask("SELECT sum(patient_days) FROM gold.patient_day").rows
    }
    assert {row[2] for row in lakeside.ask(days).rows} == {census}
