from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data_generator import GeneratorConfig, generate
from data_generator.defects import DEFECTS
from metriccare.fhir.exchange import line_records
from metriccare.quality.rules import DANGLING_REFERENCE, RULES

UNREADABLE = (
    "json_invalid",
    "encoding_invalid",
    "not_an_object",
    "resource_type_unknown",
    "id_invalid",
)
SOURCES = Path(__file__).parents[2] / "src" / "metriccare"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("broken") / "out"
    generate(GeneratorConfig(out, patients=120, defects=0.05))
    return out


def _defects(out: Path) -> list[dict[str, Any]]:
    return list(json.loads((out / "truth.json").read_text())["defects"])


def test_every_kind_of_defect_is_planted_and_found_where_truth_says(broken: Path) -> None:
    files = {
        f: (broken / f).read_bytes().split(b"\n") for f in {d["file"] for d in _defects(broken)}
    }
    for defect in _defects(broken):
        if defect["line"] is not None:
            line = files[defect["file"]][defect["line"] - 1]
            key = defect["resource_id"].encode()
            assert key in line or defect["kind"] in ("no_id", "bad_id", "bad_encoding")
    kinds = {d["kind"] for d in _defects(broken)}
    assert kinds == {d.kind for d in DEFECTS} | {"duplicate_file"}


def test_every_rule_named_exists() -> None:
    reading = "".join(f.read_text() for f in sorted((SOURCES / "fhir").rglob("*.py")))
    known = {rule.id for rule in RULES} | {DANGLING_REFERENCE.id}
    assert all(d.rule_id in known or f'"{d.rule_id}"' in reading for d in DEFECTS)


def test_the_reader_of_the_lake_rejects_unreadable_lines_by_the_rule_named(broken: Path) -> None:
    wanted = {
        (d["file"], d["line"]): d["rule_id"] for d in _defects(broken) if d["rule_id"] in UNREADABLE
    }
    found = {}
    for file in sorted({file for file, _ in wanted}):
        with (broken / file).open("rb") as lines:
            for record in line_records(lines):
                if record.rule_id is not None:
                    found[file, record.line] = record.rule_id
    assert found == wanted


def test_severities_are_those_of_the_rules() -> None:
    severity = {rule.id: rule.severity for rule in (*RULES, DANGLING_REFERENCE)}
    assert all(severity.get(d.rule_id, "reject") == d.severity for d in DEFECTS)


def test_defects_add_records_and_change_no_answer(broken: Path, tmp_path: Path) -> None:
    generate(GeneratorConfig(tmp_path, patients=120))
    clean = json.loads((tmp_path / "truth.json").read_text())
    assert json.loads((broken / "truth.json").read_text())["measures"] == clean["measures"]
    for file in sorted((tmp_path / "json").rglob("*.ndjson")):
        good = file.read_bytes().splitlines()
        planted = (broken / file.relative_to(tmp_path)).read_bytes().splitlines()
        assert set(good) <= set(planted)
