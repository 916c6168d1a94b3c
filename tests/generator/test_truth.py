from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from data_generator import GeneratorConfig, generate
from tests.generator.reference import Measures


@pytest.fixture(scope="module", params=[7, 42])
def run(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run") / "out"
    generate(GeneratorConfig(out, patients=1200, seed=request.param))
    return out


def test_truth_equals_a_second_reading_of_the_rules_from_the_files(run: Path) -> None:
    truth = json.loads((run / "truth.json").read_text())
    found = Measures(date.fromisoformat(truth["as_of"]), run / "json").counts
    wanted = {
        (r["measure_id"], r["grain"], r["period_start"], r["stratum_type"], r["stratum_value"]): [
            r["numerator"],
            r["denominator"],
        ]
        for r in truth["measures"]
    }
    measured = {key: count for key, count in found.items() if count[1]}
    assert {k: v for k, v in wanted.items() if v[1]} == measured
