"""What stops a task of Spark is said by class, line and file, and by nothing else."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from metriccare.causes import cause_of, naming_file
from metriccare.settings import SPARK
from tests.conftest import ENGINE_VARIABLE
from tests.faults.lakes import METRICCARE

pytestmark = pytest.mark.spark
SECRET = "Ludmilla"


def test_a_record_quoted_by_a_task_is_not_repeated(spark):
    def read(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            with naming_file("north", "0123456789abcdef"):
                raise ValueError(f"first line\n{SECRET}Error: {SECRET}")
            yield batch

    with pytest.raises(Exception, match=SECRET) as stopped:
        spark.range(1).mapInArrow(read, "id bigint").collect()
    said = cause_of(stopped.value)
    assert SECRET not in said
    assert said.startswith("ValueError")
    assert "(tenant north, file 0123456789abcdef) stopped a task of Spark." in said


def test_a_run_whose_task_fails_says_one_sentence_and_prints_no_trace(tmp_path: Path):
    def metriccare(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [METRICCARE, *arguments],
            cwd=tmp_path,
            env={**os.environ, ENGINE_VARIABLE: SPARK},
            capture_output=True,
            text=True,
            check=False,
        )

    (tmp_path / "Patient.ndjson").write_text('{"resourceType":"Patient","id":"1"}\n')
    metriccare("ingest", "Patient.ndjson")
    (raw,) = (tmp_path / "lake" / "raw").rglob("*.ndjson")
    raw.unlink()
    raw.mkdir()
    done = metriccare("run")
    assert done.returncode == 1
    said = done.stderr.splitlines()
    assert len(said) <= 4
    file_id = raw.parent.name
    assert said[-1].startswith("Error: Is a directory: ")
    assert f"`metriccare quarantine file {file_id} --reason TEXT`" in said[-1]
    (run,) = json.loads(metriccare("status", "--format", "json").stdout)["runs"]
    assert run["message"] in said[-1]
    traced = metriccare("--debug", "run")
    assert traced.returncode == 1
    assert "Traceback" in traced.stderr
