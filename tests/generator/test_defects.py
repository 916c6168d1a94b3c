from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from data_generator import GeneratorConfig, generate
from data_generator.defects import DEFECTS
from metriccare.quality.rules import DANGLING_REFERENCE, RULES
from metriccare.sources.fhir.exchange import file_records

UNREADABLE = (
    "json_invalid",
    "encoding_invalid",
    "not_an_object",
    "resource_type_unknown",
    "id_invalid",
)
DAYS = 4
SOURCES = Path(__file__).parents[2] / "src" / "metriccare"


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("broken") / "out"
    generate(GeneratorConfig(out, patients=120, defects=0.05, days=DAYS))
    return out


def _folders(out: Path) -> list[Path]:
    """Return the history, then each daily folder."""
    return [out, *sorted((out / "days").iterdir())]


def _defects(folder: Path) -> list[dict[str, Any]]:
    return list(json.loads((folder / "truth.json").read_text())["defects"])


def test_every_kind_of_defect_is_planted(broken: Path) -> None:
    kinds = {d["kind"] for d in _defects(broken)}
    assert kinds == {d.kind for d in DEFECTS} | {"duplicate_file"}


def test_every_defect_is_where_the_truth_of_its_folder_says(broken: Path) -> None:
    for folder in _folders(broken):
        defects = _defects(folder)
        files = {f: (folder / f).read_bytes().split(b"\n") for f in {d["file"] for d in defects}}
        for defect in (d for d in defects if d["line"] is not None):
            line = files[defect["file"]][defect["line"] - 1]
            key = defect["resource_id"].encode()
            assert key in line or defect["kind"] in ("no_id", "bad_id", "bad_encoding")
    daily = [d for folder in _folders(broken)[1:] for d in _defects(folder)]
    assert {"reject", "warn", None} <= {d["severity"] for d in daily}
    assert "duplicate_file" in {d["kind"] for d in daily}


def test_every_rule_named_exists() -> None:
    reading = "".join(f.read_text() for f in sorted((SOURCES / "sources").rglob("*.py")))
    known = {rule.id for rule in RULES} | {DANGLING_REFERENCE.id}
    assert all(d.rule_id in known or f'"{d.rule_id}"' in reading for d in DEFECTS)


@pytest.mark.parametrize("place", range(DAYS + 1))
def test_the_reader_of_the_lake_rejects_unreadable_lines_by_the_rule_named(
    broken: Path, place: int
) -> None:
    folder = _folders(broken)[place]
    wanted = {
        (d["file"], d["line"]): d["rule_id"] for d in _defects(folder) if d["rule_id"] in UNREADABLE
    }
    found = {}
    for file in sorted({file for file, _ in wanted}):
        with (folder / file).open("rb") as lines:
            for record in file_records(lines):
                if record.rule_id is not None:
                    found[file, record.line] = record.rule_id
    assert found == wanted


def test_severities_are_those_of_the_rules() -> None:
    severity = {rule.id: rule.severity for rule in (*RULES, DANGLING_REFERENCE)}
    assert all(severity.get(d.rule_id, "reject") == d.severity for d in DEFECTS)


def test_defects_add_records_and_change_no_answer(broken: Path, tmp_path: Path) -> None:
    generate(GeneratorConfig(tmp_path, patients=120, days=DAYS))
    for clean, planted in zip(_folders(tmp_path), _folders(broken), strict=True):
        answers = [json.loads((f / "truth.json").read_text()) for f in (clean, planted)]
        for part in ("stays", "measures", "revenue_cycle"):
            assert answers[0][part] == answers[1][part]
    for file in sorted(tmp_path.rglob("*.ndjson")):
        good = file.read_bytes().splitlines()
        planted = (broken / file.relative_to(tmp_path)).read_bytes().splitlines()
        assert set(good) <= set(planted)
