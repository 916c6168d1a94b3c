from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from data_generator import GeneratorConfig, generate
from tests.generator.reference import Measures

SCHEMA = Path(__file__).parents[2] / "data_generator" / "truth.schema.json"


def _truth(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "truth.json").read_text()))


def _counts(truth: dict[str, Any]) -> dict[tuple[str, ...], list[int]]:
    keys = ("measure_id", "grain", "period_start", "stratum_type", "stratum_value")
    return {
        tuple(row[key] for key in keys): [row["numerator"], row["denominator"]]
        for row in truth["measures"]
        if row["denominator"]
    }


def _second_reading(as_of: str, *folders: Path) -> dict[tuple[str, ...], list[int]]:
    measures = Measures(date.fromisoformat(as_of), *(folder / "json" for folder in folders))
    return {key: count for key, count in measures.counts.items() if count[1]}


def test_truth_equals_a_second_reading_of_the_rules_from_the_files(run: Path) -> None:
    truth = _truth(run)
    assert _counts(truth) == _second_reading(truth["as_of"], run)


def test_a_daily_truth_equals_a_second_reading_of_what_has_arrived_by_then(run: Path) -> None:
    days = sorted((run / "days").iterdir())
    truth = _truth(days[-1])
    assert truth["as_of"] == days[-1].name
    assert _counts(truth) == _second_reading(truth["as_of"], run, *days)


def test_another_seed_and_an_end_within_a_month_agree_too(tmp_path: Path) -> None:
    config = GeneratorConfig(
        tmp_path / "out", patients=500, seed=7, start=date(2023, 2, 10), end=date(2024, 5, 17)
    )
    generate(config)
    truth = _truth(config.out)
    assert truth["as_of"] == "2024-05-17"
    assert _counts(truth) == _second_reading("2024-05-17", config.out)


def test_truth_follows_its_schema(run: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads(SCHEMA.read_text())
    for folder in (run, *sorted((run / "days").iterdir())[:1]):
        truth = _truth(folder)
        # Every stay shape, a share of the many rows alike.
        sample = {"stays": truth["stays"][:80], "measures": truth["measures"][::40]}
        sample |= {"kpis": truth["kpis"][::200], "denials": truth["denials"][::4]}
        jsonschema.validate(truth | sample, schema)


def test_months_add_up_to_years_and_years_to_the_whole(run: Path) -> None:
    totals: dict[tuple[str, str, str, str], list[int]] = {}
    for row in _truth(run)["measures"]:
        key = (row["grain"], row["measure_id"], row["stratum_type"], row["stratum_value"])
        total = totals.setdefault(key, [0, 0, 0])
        for place, name in enumerate(("numerator", "denominator", "excluded")):
            total[place] += row[name]
    by_grain = [
        {key[1:]: total for key, total in totals.items() if key[0] == grain}
        for grain in ("all", "year", "quarter", "month")
    ]
    assert by_grain[0] == by_grain[1] == by_grain[2] == by_grain[3]


def test_stay_rows_explain_the_overall_result(run: Path) -> None:
    truth = _truth(run)
    for measure in ("readmission_30d", "mortality_in_hospital", "mortality_30d", "alos"):
        verdicts = [stay["measures"][measure] for stay in truth["stays"]]
        counted = [v["numerator"] for v in verdicts if v["in_denominator"]]
        key = (measure, "all", None, "overall", "all")
        assert _counts(truth)[key] == [sum(counted), len(counted)]


def test_the_calendar_censors_index_stays_at_the_end(run: Path) -> None:
    reasons = [s["measures"]["readmission_30d"]["exclusion_reasons"] for s in _truth(run)["stays"]]
    assert any("censored" in r for r in reasons)
