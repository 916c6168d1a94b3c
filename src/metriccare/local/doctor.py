"""Whether this machine has what MetricCare needs, and how to fix what is missing."""

from __future__ import annotations

import importlib.metadata
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from metriccare.engine.spark.jvm import JAVA_ADVICE, JAVA_VERSIONS, java_version
from metriccare.finding import Finding

_PYTHON = ((3, 11), (3, 13))
_PACKAGES = ("pyspark", "pyarrow", "duckdb", "hudi", "sqlglot", "orjson", "boto3")


def findings(lake: str, has_credentials: Callable[[], bool]) -> list[Finding]:
    """Return the finding of every check, in the order in which a person would fix them."""
    checks: tuple[Callable[[], Finding], ...] = (_python, _packages, _java, _jars)
    found = [*(check() for check in checks), _credentials(has_credentials())]
    return [*found, _lake(Path(lake)), *_writes(Path(lake)), *_tools()]


def _python() -> Finding:
    version = sys.version_info[:2]
    found = ".".join(map(str, sys.version_info[:3]))
    ok = _PYTHON[0] <= version < _PYTHON[1]
    return Finding("Python", ok, found, "Install Python 3.11 and run `make setup` with it.")


def _java() -> Finding:
    version = java_version()
    found = "none" if version is None else str(version)
    fix = f"Only for --engine spark. {JAVA_ADVICE}"
    return Finding("Java", version in JAVA_VERSIONS, found, fix, optional=True)


def _jars() -> Finding:
    from metriccare.engine.spark.jars import jars
    from metriccare.errors import SetupError

    try:
        return Finding("Spark jars", True, f"{len(jars())} jars")
    except SetupError as error:
        fix = "Only for --engine spark. Run `make spark`."
        return Finding("Spark jars", False, str(error), fix, optional=True)


def _packages() -> Finding:
    missing = []
    for name in _PACKAGES:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    found = f"missing: {', '.join(missing)}" if missing else f"pyspark {_version('pyspark')}"
    return Finding("Python packages", not missing, found, "Run `make setup`.")


def _version(name: str) -> str:
    return importlib.metadata.version(name)


def _credentials(found: bool) -> Finding:
    fix = "Only for lakes in S3: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and its secret."
    return Finding("AWS credentials", found, "found" if found else "none", fix, optional=True)


def _lake(root: Path) -> Finding:
    versions = {
        line.partition("=")[2]
        for path in root.glob("*/*/.hoodie/hoodie.properties")
        for line in path.read_text(encoding="utf-8").splitlines()
        if line.startswith("hoodie.table.version=")
    }
    found = f"table version {', '.join(sorted(versions))}" if versions else "no tables yet"
    fix = "These tables were written by another Hudi; use the MetricCare that wrote them."
    return Finding(f"Lake {root}", versions <= {"6"}, found, fix)


def _writes(root: Path) -> list[Finding]:
    """Return a finding for each table with commits that left rows out, or one for all tables."""
    from metriccare.local.left_out_rows import rows_left_out

    counts = rows_left_out(root)
    if not counts:
        return [Finding("Writes", True, "every commit wrote all of its rows")]
    return [
        Finding(
            f"Writes to {table.full_name}",
            False,
            f"{rows:,} {'row was' if rows == 1 else 'rows were'} left out of a commit, and columns"
            " of others may be shifted",
            "Run `metriccare rebuild` (docs/upgrade.md).",
        )
        for table, rows in counts.items()
    ]


def _tools() -> list[Finding]:
    return [
        Finding(
            name,
            shutil.which(name) is not None,
            "found" if shutil.which(name) else "none",
            fix,
            optional=True,
        )
        for name, fix in (("terraform", "Needed to deploy to AWS: install Terraform 1.11."),)
    ]
