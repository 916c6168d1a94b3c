"""What is deployed: the same bytes each time, small, quick to import, without Spark."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import grimp
import pytest

from metriccare.query.published.marts import marts
from scripts.build_packages import (
    LOCK,
    NOT_SERVED,
    NOT_SMALL,
    SERVING_LOCK,
    SMALL_LOCK,
    lambda_contents,
    own_serving_contents,
    own_small_contents,
    sorted_for_zip,
    write_zip,
)

# Glue 5.0's own packages that jobs use.
GLUE_BRINGS = {"boto3", "botocore", "numpy", "py4j", "pyarrow", "pyspark"}
HANDLERS = ("canary", "close_month", "keep_bundle", "register_files", "sweep", "notify")
_IMPORT = """
import sys, time
import boto3
# Processor time: what an idle machine would take, on a busy one too.
began = time.process_time()
import lambda_functions.{name}.handler as handler
took = time.process_time() - began
spark = [name for name in sys.modules if name.partition(".")[0] in ("pyspark", "py4j", "hudi")]
print(handler.__file__, took, spark)
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = Path(tmp_path_factory.mktemp("package")) / "lambda.zip"
    write_zip(path, lambda_contents())
    return path


def test_the_zip_depends_on_its_content_alone(tmp_path):
    write_zip(tmp_path / "a.zip", {"b": b"2", "a": b"1"})
    write_zip(tmp_path / "b.zip", {"a": b"1", "b": b"2"})
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()


def test_a_wheels_record_comes_last():
    names = ["x.dist-info/RECORD", "x.dist-info/WHEEL", "z.py"]
    assert sorted_for_zip(names)[-1] == "x.dist-info/RECORD"


def test_the_zip_is_small(package):
    assert package.stat().st_size < 10 * 2**20


def test_no_test_and_no_job_is_deployed_to_lambda(package):
    with zipfile.ZipFile(package) as archive:
        names = archive.namelist()
    assert not [name for name in names if "jobs/" in name or "test" in name or "spark" in name]


@pytest.mark.parametrize("name", HANDLERS)
def test_a_handler_imports_from_the_zip_quickly_and_without_spark(package, name):
    done = subprocess.run(
        [sys.executable, "-s", "-c", _IMPORT.format(name=name)],
        capture_output=True,
        text=True,
        check=True,
        cwd=package.parent,
        env={"PYTHONPATH": str(package)},
    )
    place, took, spark = done.stdout.split(maxsplit=2)
    assert place.startswith(str(package))
    assert float(took) < 0.5
    assert spark.strip() == "[]"


@pytest.fixture(scope="module")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(
        "metriccare", include_external_packages=True, exclude_type_checking_imports=True
    )


def foreign(imports: grimp.ImportGraph, entry: str) -> set[str]:
    """Return the packages that are neither ours nor Python's and that an entry point reaches."""
    found = {name.partition(".")[0] for name in imports.find_upstream_modules(entry)}
    return found - sys.stdlib_module_names - {"metriccare"}


def test_jobs_import_only_what_glue_brings_or_the_bundle_holds(imports):
    bundled = set(re.findall(r"^([a-z0-9-]+)==", LOCK.read_text(encoding="utf-8"), re.M))
    assert foreign(imports, "metriccare.wiring.glue") <= GLUE_BRINGS | bundled


def test_functions_import_only_what_lambda_brings_or_the_zip_holds(imports, package):
    assert foreign(imports, "metriccare.wiring.lambda_functions") <= {"boto3", "botocore"}
    with zipfile.ZipFile(package) as archive:
        held = {name.removesuffix(".py").replace("/", ".") for name in archive.namelist()}
    held = {name.removesuffix(".__init__") for name in held}
    reached = imports.find_upstream_modules("metriccare.wiring.lambda_functions")
    assert {name for name in reached if name.startswith("metriccare")} <= held


def test_the_function_for_small_runs_imports_only_what_its_zip_holds(imports):
    packed = set(re.findall(r"^([a-z0-9-]+)==", SMALL_LOCK.read_text(encoding="utf-8"), re.M))
    # The engine uses it where it is installed.
    optional = {"pyarrow"}
    reached = foreign(imports, "metriccare.wiring.small_run")
    assert reached <= {"boto3", "botocore"} | packed | optional
    rooms = tuple(f"metriccare.{room.replace('/', '.')}" for room in NOT_SMALL)
    found = imports.find_upstream_modules("metriccare.wiring.small_run")
    assert not [name for name in found if name.startswith(rooms)]


def test_the_function_for_small_runs_finds_the_views_that_marts_are_made_of(tmp_path):
    for place, content in own_small_contents().items():
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).write_bytes(content)
    asked = "from metriccare.query.published.marts import marts; print(len(marts()))"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) == len(marts())


SERVING = "metriccare.wiring.serving_published"


def test_the_functions_that_serve_import_only_what_their_zip_holds(imports):
    packed = set(re.findall(r"^([a-z0-9-]+)==", SERVING_LOCK.read_text(encoding="utf-8"), re.M))
    named = {"jwt": "pyjwt", "prometheus_client": "prometheus-client"}
    reached = {named.get(name, name) for name in foreign(imports, SERVING)}
    assert reached <= {"boto3", "botocore"} | packed
    rooms = tuple(f"metriccare.{room.replace('/', '.')}." for room in NOT_SERVED)
    found = imports.find_upstream_modules(SERVING)
    assert not [name for name in found if f"{name}.".startswith(rooms)]


@pytest.mark.parametrize("name", ["serve_published", "make_export"])
def test_a_function_that_serves_imports_from_its_own_files_without_engines(name, tmp_path):
    write_zip(tmp_path / "serving.zip", own_serving_contents())
    done = subprocess.run(
        [sys.executable, "-s", "-c", _IMPORT.format(name=name)],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(tmp_path / "serving.zip")},
    )
    assert done.returncode == 0, done.stderr
    place, took, spark = done.stdout.split(maxsplit=2)
    assert place.startswith(str(tmp_path))
    # FastAPI and its models take two thirds of it.
    assert float(took) < 4
    assert spark.strip() == "[]"


@pytest.mark.parametrize("folder", ["lambda_functions", "glue_jobs"])
def test_entry_points_only_translate(folder):
    root = Path(__file__).parents[2] / folder
    for path in root.rglob("*.py"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 40, path
