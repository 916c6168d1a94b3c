"""Private API of Spark and Hudi is used in one module, so that a new version is checked in one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

import metriccare.engine

PACKAGE = Path(str(files(metriccare.engine))) / "spark"
INTERNALS = PACKAGE / "internals.py"
# Not part of what pyspark documents, although their names have no underscore.
INTERNAL_MODULES = ("py4j", "pyspark.sql.pandas")


def private_uses(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module:
            is_spark = node.module.startswith(("pyspark", "py4j"))
            yield from (a.name for a in node.names if is_spark and a.name.startswith("_"))
            if node.module.startswith(INTERNAL_MODULES):
                yield node.module
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith(INTERNAL_MODULES))
        elif isinstance(node, ast.Attribute) and is_private(node.attr) and not is_own(node.value):
            yield node.attr


def is_own(owner: ast.expr) -> bool:
    return isinstance(owner, ast.Name) and owner.id in ("self", "cls")


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__")


@pytest.mark.parametrize("module", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_only_internals_uses_private_api_of_spark_and_hudi(module: Path):
    uses = set(private_uses(module.read_text(encoding="utf-8")))
    assert bool(uses) is (module == INTERNALS), uses


@pytest.mark.parametrize(
    ("source", "uses"),
    [
        ("frame._jdf.toDF()", ["_jdf"]),
        ("from pyspark.sql.types import _parse_datatype_string", ["_parse_datatype_string"]),
        ("from py4j.protocol import Py4JJavaError", ["py4j.protocol"]),
        ("import py4j", ["py4j"]),
        ("self._spark.sql(text)\nframe.__class__", []),
    ],
)
def test_private_uses_are_found(source: str, uses: list[str]):
    assert list(private_uses(source)) == uses
