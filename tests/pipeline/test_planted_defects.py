"""Every record broken on purpose ends where the generator's truth says, and no other does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from data_generator import GeneratorConfig, generate
from metriccare.ingest.sent_files import find_files
from metriccare.local.raw_zone import ingest
from metriccare.sources.fhir.resources import BY_TYPE

PATIENTS, SEED, RATE = 60, 5, 0.05


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("planted") / "fhir_data"
    generate(GeneratorConfig(out, patients=PATIENTS, seed=SEED, defects=RATE))
    return out


def place(source_file: str, line: int) -> tuple[str, int]:
    return "/".join(Path(source_file).parts[-2:]), line


def test_every_defect_is_rejected_or_flagged_by_the_rule_the_truth_names(loader, planted: Path):
    truth = json.loads((planted / "truth.json").read_text())["defects"]
    ingest(loader.lake, loader.store, find_files([planted / "json"]), "default")
    record = loader.run().record
    found = loader.rows("bronze.quarantine", "source_file", "source_line", "rule_id")
    rejected = [d for d in truth if d["severity"] == "reject"]
    assert {(*place(file, line), rule) for file, line, rule in found} == {
        (*place(d["file"], d["line"]), d["rule_id"]) for d in rejected
    }
    assert len(found) == len(rejected) == record.rows_quarantined > 20
    lines = sum(p.read_bytes().count(b"\n") for p in (planted / "json").rglob("*.ndjson"))
    assert record.rows_in == lines == record.rows_loaded + record.rows_quarantined
    flagged = {table: flags(loader, table) for table in ("encounter", "observation", "patient")}
    for defect in (d for d in truth if d["severity"] == "warn"):
        of_type = flagged[BY_TYPE[defect["resource_type"]].table]
        assert defect["rule_id"] in of_type[defect["resource_id"]], defect


def flags(loader, table: str) -> dict[str, list[str]]:
    return dict(loader.rows(f"silver.{table}", "id", "dq_flags"))
