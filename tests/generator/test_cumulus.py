"""Cumulus Library, another project for such data, builds its core tables from our files.

It is not one of the project's packages: `pip install cumulus-library` into an environment of its
own, and put its command on the PATH.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

import duckdb
import pytest

from data_generator import GeneratorConfig, generate

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        shutil.which("cumulus-library") is None, reason="cumulus-library is not on the PATH"
    ),
]

KINDS = (
    "Patient",
    "Encounter",
    "Condition",
    "Observation",
    "Procedure",
    "Specimen",
    "Location",
    "Organization",
    "Practitioner",
)


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cumulus") / "out"
    generate(GeneratorConfig(folder, patients=300))
    return folder


@pytest.fixture(scope="module")
def ours(out: Path) -> Mapping[str, set[str]]:
    """Return the ids by type, without encounters entered in error."""
    ids = defaultdict(set)
    for file in sorted((out / "json").glob("*/*.ndjson")):
        for line in file.read_text().splitlines():
            resource = json.loads(line)
            if resource.get("status") != "entered-in-error":
                ids[resource["resourceType"]].add(resource["id"])
    return ids


@pytest.fixture(scope="module")
def core(out: Path, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    folder = tmp_path_factory.mktemp("study")
    build = ["cumulus-library", "build", "-t", "core", "--db-type", "duckdb"]
    build += ["--database", str(folder / "core.db"), "--load-ndjson-dir", str(out / "json")]
    done = subprocess.run([*build, str(folder)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return duckdb.connect(str(folder / "core.db"), read_only=True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_core_table_holds_the_same_resources(
    core: duckdb.DuckDBPyConnection, ours: Mapping[str, set[str]], kind: str
) -> None:
    columns = core.execute(f"DESCRIBE core__{kind.lower()}").fetchall()
    names = [row[0] for row in columns]
    column = "id" if "id" in names else f"{kind.lower()}_ref"
    rows = core.execute(f"SELECT DISTINCT {column} FROM core__{kind.lower()}").fetchall()
    assert {str(row[0]).rpartition("/")[2] for row in rows} == ours[kind]
    assert rows
