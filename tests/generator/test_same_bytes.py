from __future__ import annotations

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from data_generator import GeneratorConfig, generate

ROOT = Path(__file__).parents[2]


def _digests(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): sha256(file.read_bytes()).hexdigest()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def test_another_process_hash_seed_time_zone_and_language_change_nothing(tmp_path: Path) -> None:
    generate(GeneratorConfig(tmp_path / "here", patients=40, seed=5, days=2))
    surroundings = {
        **os.environ,
        "PYTHONHASHSEED": "12345",
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
        "PYTHONPATH": str(ROOT),
    }
    arguments = ["--out", str(tmp_path / "there"), "--patients", "40", "--seed", "5", "--days", "2"]
    subprocess.run(
        [sys.executable, "-m", "data_generator", *arguments], env=surroundings, check=True
    )
    assert _digests(tmp_path / "here") == _digests(tmp_path / "there")


def test_another_seed_gives_other_people(tmp_path: Path) -> None:
    for seed in (1, 2):
        generate(GeneratorConfig(tmp_path / str(seed), patients=5, seed=seed))
    one, two = (_digests(tmp_path / str(seed)) for seed in (1, 2))
    assert one["json/patients/Patient.000.ndjson"] != two["json/patients/Patient.000.ndjson"]


def test_more_people_leave_the_first_ones_as_they_were(tmp_path: Path) -> None:
    for count in (10, 25):
        generate(GeneratorConfig(tmp_path / str(count), patients=count))
    few = (tmp_path / "10/json/encounters/Encounter.000.ndjson").read_bytes()
    many = (tmp_path / "25/json/encounters/Encounter.000.ndjson").read_bytes()
    assert many.startswith(few)


@pytest.mark.parametrize("defects", [0.0, 0.1])
def test_days_generated_at_once_or_one_by_one_are_the_same(tmp_path: Path, defects: float) -> None:
    for days in (0, 1, 5):
        generate(GeneratorConfig(tmp_path / str(days), patients=80, days=days, defects=defects))
    none, one, five = (_digests(tmp_path / str(days)) for days in (0, 1, 5))
    assert none.items() <= one.items() <= five.items()


@pytest.mark.parametrize("format_", ["bundle", "json"])
def test_the_format_changes_the_files_and_not_the_answer(tmp_path: Path, format_: str) -> None:
    generate(GeneratorConfig(tmp_path / "ndjson", patients=30))
    generate(GeneratorConfig(tmp_path / format_, patients=30, format=format_))
    first, second = (
        (tmp_path / name / "truth.json").read_bytes().partition(b'"resources"')[0]
        for name in ("ndjson", format_)
    )
    assert first == second
