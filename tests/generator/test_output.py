from __future__ import annotations

import errno
import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from typer.testing import CliRunner

from data_generator import GeneratorConfig, GeneratorError, generate
from data_generator.cli import app


def _small(out: Path, **changes: Any) -> GeneratorConfig:
    return GeneratorConfig(out, **{"patients": 12, **changes})


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"patients": 0}, "patients is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"start": date(2024, 6, 1), "end": date(2024, 1, 1)}, "at least 61"),
        ({"end": date(2150, 1, 1)}, "choose dates"),
        ({"format": "xml"}, "ndjson, bundle, json"),
        ({"days": -1}, "days is -1"),
        ({"defects": 0.9}, "0 to 0.5"),
        ({"defects": 0.1, "format": "bundle"}, "choose format ndjson"),
    ],
)
def test_what_cannot_be_is_refused_with_a_sentence(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(GeneratorError, match=words):
        generate(_small(tmp_path / "out", **changes))
    assert not (tmp_path / "out").exists()


def test_an_existing_folder_is_not_overwritten_without_force(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(GeneratorError, match="not empty"):
        generate(_small(tmp_path))
    generate(_small(tmp_path, force=True))
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_force_leaves_nothing_of_the_run_before(tmp_path: Path) -> None:
    generate(_small(tmp_path / "out", days=2))
    generate(_small(tmp_path / "out", format="json", force=True, claims_detail=False))
    assert not (tmp_path / "out" / "days").exists()
    assert not (tmp_path / "out" / "feeds").exists()
    assert not list((tmp_path / "out").rglob("*.ndjson"))


def test_a_full_disk_leaves_no_output_that_looks_finished(tmp_path: Path) -> None:
    def fills_up(done: int, total: int) -> None:
        if done:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        generate(_small(tmp_path / "out", patients=80), progress=fills_up)
    assert list((tmp_path / "out").iterdir()) == []
    generate(_small(tmp_path / "out"))


@pytest.mark.parametrize("command", ["data_generator.cli", "metriccare.commands.generation"])
def test_a_file_that_cannot_grow_ends_either_command_in_a_sentence(
    tmp_path: Path, command: str
) -> None:
    arguments = ["--out", str(tmp_path / "out"), "--patients", "60"]
    code = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        f"import sys; sys.argv = ['generate', *{arguments!r}]\n"
        f"from {command} import app; app()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    said = " ".join(done.stderr.split())
    assert done.returncode == 1
    assert "File too large" in said
    assert "othing was published there" in said
    assert list((tmp_path / "out").iterdir()) == []


def test_a_failed_run_keeps_the_earlier_output(tmp_path: Path) -> None:
    def stops(done: int, total: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    generate(_small(tmp_path / "out"))
    before = (tmp_path / "out" / "truth.json").read_bytes()
    with pytest.raises(OSError, match="Input/output"):
        generate(_small(tmp_path / "out", seed=9, force=True), progress=stops)
    assert (tmp_path / "out" / "truth.json").read_bytes() == before


def test_a_bundle_holds_one_person_and_resolves_inside(tmp_path: Path) -> None:
    generate(_small(tmp_path, format="bundle"))
    files = sorted((tmp_path / "json" / "bundles").glob("*.json"))
    assert len(files) == 13  # twelve people and the region
    for file in files:
        bundle = json.loads(file.read_text())
        Bundle.model_validate(bundle)
        urls = {entry["fullUrl"] for entry in bundle["entry"]}
        text = file.read_text()
        assert {f'"{u}"' for u in urls if f'"reference":"{u}"' in text} <= {f'"{u}"' for u in urls}
        patients = [e for e in bundle["entry"] if e["resource"]["resourceType"] == "Patient"]
        assert file.name == "region.json" or patients
        assert '"reference":"Patient/' not in text


@pytest.mark.slow
def test_a_core_writes_twenty_thousand_resources_a_second(tmp_path: Path) -> None:
    began = time.process_time()
    summary = generate(GeneratorConfig(tmp_path / "out", patients=4000))
    assert summary.total / (time.process_time() - began) > 20_000


@pytest.mark.slow
def test_memory_does_not_grow_with_the_people(tmp_path: Path) -> None:
    peaks = [_peak_megabytes(tmp_path / str(people), people) for people in (1000, 8000)]
    assert peaks[1] < 1.25 * peaks[0], peaks


def _peak_megabytes(out: Path, people: int) -> float:
    code = (
        "import resource; from pathlib import Path; from data_generator import *\n"
        f"generate(GeneratorConfig(Path({str(out)!r}), patients={people}))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)"
    )
    run = [sys.executable, "-c", code]
    return float(subprocess.run(run, capture_output=True, text=True, check=True).stdout)


def test_json_files_are_arrays(tmp_path: Path) -> None:
    summary = generate(_small(tmp_path, format="json"))
    read = [json.loads(f.read_text()) for f in sorted((tmp_path / "json").rglob("*.json"))]
    assert all(isinstance(rows, list) for rows in read)
    assert sum(map(len, read)) == summary.total


def test_summary_counts_what_was_written(tmp_path: Path) -> None:
    calls: list[tuple[int, int]] = []
    summary = generate(_small(tmp_path), progress=lambda done, total: calls.append((done, total)))
    lines = sum(
        len(f.read_text().splitlines()) for f in sorted((tmp_path / "json").rglob("*.ndjson"))
    )
    assert summary.total == lines
    assert summary.as_of == "2024-12-31"
    assert calls[-1] == (12, 12)


def test_the_command_distinguishes_refusal_from_failure(tmp_path: Path) -> None:
    runner = CliRunner()
    refused = runner.invoke(app, ["--out", str(tmp_path / "a"), "--start", "2022-13-01"])
    assert refused.exit_code == 2
    (tmp_path / "file").write_text("")
    failed = runner.invoke(app, ["--out", str(tmp_path / "file" / "b"), "--patients", "1"])
    assert failed.exit_code == 1
    done = runner.invoke(app, ["--out", str(tmp_path / "c"), "--patients", "1"])
    assert done.exit_code == 0


def test_the_command_describes_without_writing(tmp_path: Path) -> None:
    out = tmp_path / "none"
    calls = CliRunner().invoke(app, ["--out", str(out), "--describe", "--patients", "20"])
    assert "30-day readmission" in calls.stdout
    assert not out.exists()
