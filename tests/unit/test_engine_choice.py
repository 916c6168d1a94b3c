"""Which engine a run takes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from metriccare.errors import UsageError
from metriccare.local.engine_choice import MOST_WAITING, choose
from metriccare.local.folder_store import FolderStore
from metriccare.object_store import rewritten_bytes
from metriccare.settings import Lake, load_settings

GIB = 2**30


@dataclass(frozen=True)
class Machine:
    memory: int
    has_java: bool


WITH_JAVA, WITHOUT = Machine(16 * GIB, has_java=True), Machine(16 * GIB, has_java=False)


@pytest.mark.parametrize(
    ("asked", "waiting", "rewritten", "machine", "engine", "says"),
    [
        ("auto", 0, 0, WITHOUT, "duckdb", ""),
        ("auto", MOST_WAITING - 1, GIB, WITH_JAVA, "duckdb", ""),
        ("auto", MOST_WAITING, 0, WITH_JAVA, "spark", "Using Spark for 2.0 GB"),
        ("auto", 0, 4 * GIB, WITH_JAVA, "spark", "Using Spark for 4.0 GB"),
        ("auto", 3 * GIB, 0, WITHOUT, "duckdb", "Java 17 is not installed"),
        ("duckdb", 9 * GIB, 0, WITH_JAVA, "duckdb", ""),
        ("spark", 0, 0, WITHOUT, "spark", ""),
    ],
)
def test_the_engine_is_chosen_by_size(asked, waiting, rewritten, machine, engine, says):
    choice = choose(asked, waiting, rewritten, machine)
    assert choice.engine == engine
    assert choice.reason.startswith(says)
    assert bool(choice.reason) == bool(says)


def test_only_tables_that_may_be_rewritten_count(tmp_path):
    for place, size in {"silver/a/tenant=x/f.parquet": 5, "bronze/resource/f.parquet": 7}.items():
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_bytes(b"x" * size)
    assert rewritten_bytes(FolderStore(tmp_path)) == 5


def test_the_settings_name_an_engine(tmp_path):
    settings = tmp_path / "metriccare.toml"
    settings.write_text('[run]\nengine = "spark"\n')
    assert load_settings(Lake(str(tmp_path)), settings).engine == "spark"


@pytest.mark.parametrize("section", ['engine = "flink"', "engine = 1", "motor = 1"])
def test_an_engine_that_does_not_exist_is_refused(tmp_path, section):
    settings = tmp_path / "metriccare.toml"
    settings.write_text(f"[run]\n{section}\n")
    with pytest.raises(UsageError, match=r"\[run\]"):
        load_settings(Lake(str(tmp_path)), settings)
