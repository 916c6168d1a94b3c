"""The generator installs and runs without the rest of the project."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import metriccare

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "data_generator"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling")
    out = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    subprocess.run(build, cwd=PACKAGE, check=True, capture_output=True)
    return next(out.glob("*.whl"))


def test_the_wheel_holds_the_generator_its_schema_and_a_command(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {p.relative_to(ROOT).as_posix() for p in PACKAGE.rglob("*.py")}
    extra = {"data_generator/truth.schema.json", "data_generator/py.typed"}
    packed = {n for n in names if ".dist-info/" not in n}
    assert packed == sources | extra
    assert metriccare.__version__ in wheel.name
    points = next(n for n in names if n.endswith("entry_points.txt"))
    assert "metriccare-generate = data_generator.cli:app" in (
        zipfile.ZipFile(wheel).read(points).decode()
    )


def test_the_wheel_runs_away_from_the_project(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    clean = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    code = (
        "import sys; sys.modules['metriccare'] = None; sys.argv = ['metriccare-generate', '--out',"
        " 'out', '--patients', '3']; from data_generator.cli import app; app()"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**clean, "PYTHONPATH": str(tmp_path / "site")},
        check=True,
        capture_output=True,
    )
    assert (tmp_path / "out" / "truth.json").exists()


def test_what_it_imports_is_what_it_says_it_needs() -> None:
    declared = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]["dependencies"]
    needed = {re.split(r"[<>=]", line)[0] for line in declared}
    imported = {
        name.partition(".")[0]
        for file in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        for name in _names(node)
    }
    outside = imported - set(sys.stdlib_module_names) - {"data_generator"}
    # Without tzdata there are no time zones where the system has none.
    assert outside | {"tzdata"} == needed


def _names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module else []


def test_both_distributions_ask_for_the_same_versions() -> None:
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    own = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]["dependencies"]
    assert set(own) <= set(whole)
