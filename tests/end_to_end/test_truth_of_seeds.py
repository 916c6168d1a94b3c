"""Other seeds and forms of the generator: the results equal the answer key every time."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data_generator import GeneratorConfig, generate
from metriccare.report.true_accounts import (
    ACCOUNT_COLUMNS,
    DENIAL_COLUMNS,
    ENTRY_COLUMNS,
    compare_accounts,
    compare_denials,
    compare_entries,
    read_accounts,
)
from metriccare.report.truth import (
    KPI_COLUMNS,
    RESULTS_SQL,
    Comparison,
    Truth,
    compare,
    compare_kpis,
    read_truth,
)
from metriccare.settings import Lake
from metriccare.wiring.queries import open_engine
from tests.end_to_end.conftest import Lakeside

PATIENTS = 60
# Together enough for every kind of correction, takeback and denial.
MONEY_PATIENTS, MONEY_SEEDS = 60, (31, 7, 1009)
# A tenant for each seed, and for each form in which it sends its money.
FORMS = {
    f"{form}-{seed}": (seed, form == "feeds") for seed in MONEY_SEEDS for form in ("fhir", "feeds")
}


def world(folder: Path, seed: int) -> tuple[Path, Truth]:
    generate(GeneratorConfig(folder / "fhir_data", patients=PATIENTS, seed=seed))
    return folder / "fhir_data" / "json", read_truth(folder / "fhir_data" / "truth.json")


def shuffled(files: Path, out: Path, parts: int, seed: int) -> list[Path]:
    """Deal the lines of every file to so many folders, in another order and under other names."""
    chance = random.Random(seed)
    folders = [out / f"part-{number}" for number in range(parts)]
    for folder in folders:
        folder.mkdir(parents=True)
    for file in sorted(files.rglob("*.ndjson")):
        lines = file.read_bytes().splitlines(keepends=True)
        chance.shuffle(lines)
        for number, folder in enumerate(folders):
            (folder / f"{number}.{file.name}").write_bytes(b"".join(lines[number::parts]))
    return folders


def assert_true(truth: Truth, lake: Lake) -> None:
    compared = compare(truth, list(open_engine(lake).query(RESULTS_SQL).records()))
    assert compared.different == ()
    assert {key[0] for key in truth.counts} >= {"readmission_30d", "mortality_30d", "alos_episode"}
    assert {key[3] for key in truth.counts} >= {"overall", "hospital", "department", "payer"}
    assert compared.equal > 1000


@pytest.fixture
def here(engine_kind: str, tmp_path: Path) -> Lakeside:
    return Lakeside(tmp_path, engine_kind)


def test_order_of_rows_and_split_into_files_change_no_result(here: Lakeside, tmp_path: Path):
    files, truth = world(tmp_path, seed=23)
    here.ingest(*shuffled(files, tmp_path, parts=3, seed=1))
    here.run(truth.as_of)
    assert_true(truth, here.here.lake)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_batches_end_where_one_does(here: Lakeside, tmp_path: Path):
    files, truth = world(tmp_path, seed=47)
    for part in shuffled(files, tmp_path, parts=2, seed=2):
        here.ingest(part)
        here.run(truth.as_of)
    assert_true(truth, here.here.lake)


@pytest.mark.slow
def test_the_time_zone_of_the_machine_changes_no_result(tmp_path: Path):
    files, truth = world(tmp_path, seed=71)
    lake = tmp_path / "lake"
    far = {**os.environ, "TZ": "Asia/Kolkata"}
    for words in (["ingest", str(files)], ["run", "--as-of", truth.as_of]):
        entry = "from metriccare.cli import main; main()"
        command = [sys.executable, "-c", entry, *words, "--lake", str(lake)]
        subprocess.run(command, env=far, check=True, capture_output=True, timeout=900)
    assert_true(truth, Lake(str(lake)))


@pytest.fixture(scope="module")
def money(tmp_path_factory: pytest.TempPathFactory) -> tuple[Lakeside, Path]:
    """Return a lake with three worlds in both forms, a tenant each, and their folder."""
    folder = tmp_path_factory.mktemp("money")
    lakeside = Lakeside(folder, "duckdb")
    for tenant, (seed, feeds) in FORMS.items():
        out = folder / tenant
        generate(GeneratorConfig(out, patients=MONEY_PATIENTS, seed=seed, feeds=feeds))
        lakeside.ingest(out / "json", out / "feeds", tenant=tenant)
    lakeside.run(read_truth(out / "truth.json").as_of)
    return lakeside, folder


@pytest.mark.parametrize("tenant", FORMS)
def test_kpis_accounts_ledgers_and_denials_equal_the_truth_in_both_forms(
    money: tuple[Lakeside, Path], tenant: str
):
    lakeside, folder = money
    truth, accounts = read_truth(folder / tenant / "truth.json"), read_accounts(folder / tenant)

    def rows(table: str, columns: tuple[str, ...]) -> list[dict[str, Any]]:
        sql = f"SELECT {', '.join(columns)} FROM gold.{table} WHERE tenant = '{tenant}'"
        return list(lakeside.ask(sql).records())

    # At least so many, so that an empty side does not pass: accounts, entries, denials, figures.
    assert_equal(compare_accounts(accounts, rows("account", ACCOUNT_COLUMNS)), 200)
    as_of = date.fromisoformat(truth.as_of)
    assert_equal(compare_entries(accounts, rows("account_entry", ENTRY_COLUMNS), as_of), 1000)
    assert_equal(compare_denials(truth.denials, rows("denial", DENIAL_COLUMNS)), 20)
    assert_equal(compare_kpis(truth, rows("kpi_result", KPI_COLUMNS)), 10_000)


@pytest.mark.parametrize("tenant", FORMS)
def test_measures_by_payer_and_all_else_equal_the_truth_in_both_forms(
    money: tuple[Lakeside, Path], tenant: str
):
    lakeside, folder = money
    truth = read_truth(folder / tenant / "truth.json")
    rows = lakeside.ask(f"{RESULTS_SQL} AND tenant = '{tenant}'").records()
    assert_equal(compare(truth, rows), 500)
    payers = {key[4] for key in truth.counts if key[3] == "payer"}
    assert payers >= {"medicare", "commercial"}


def assert_equal(compared: Comparison, at_least: int) -> None:
    # A few say what is wrong; thousands would hide it.
    assert compared.different[:3] == ()
    assert compared.equal > at_least
