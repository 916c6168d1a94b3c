"""Counts of stays left out: by reason, hidden where few persons are behind them."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from metriccare.naming import CANARY_TENANT
from tests.publishing.mart_lake import MartLake, measure, of, scope


def stays(reason: str, count: int, persons: int, measure: str = "readmission_30d") -> list[dict]:
    return [
        {
            "tenant": "a",
            "measure_id": measure,
            "stay_id": f"{measure}-{reason}-{number}",
            "person_id": f"p{number % persons}",
            "in_denominator": False,
            "exclusion_reasons": [reason, "under_age"] if number == 0 else [reason],
            "as_of": date(2024, 12, 31),
        }
        for number in range(count)
    ]


def test_small_counts_of_stays_or_persons_are_hidden(tmp_path: Path):
    lake = MartLake(tmp_path)
    lake.write("publish.measure", measure())
    counted = [row | {"in_denominator": True} for row in stays("censored", 30, 30, "alos")]
    lake.write(
        "gold.measure_stay",
        *stays("died", 12, 11),
        *stays("censored", 10, 10),
        *stays("psychiatric", 40, 10),
        *counted,
    )
    lake.publish()
    answer = lake.reader().rows(scope(), of("exclusions"))
    found = {row[2]: row[3:5] for row in answer.rows}
    assert found == {
        "died": (12, False),
        "censored": (None, True),
        "psychiatric": (None, True),
        "under_age": (None, True),
    }
    assert answer.hidden == 3


def test_the_stack_s_own_tenant_gets_no_marts(tmp_path: Path):
    lake = MartLake(tmp_path)
    lake.write("publish.measure", measure(CANARY_TENANT))
    rows = [row | {"tenant": CANARY_TENANT} for row in stays("died", 12, 12)]
    lake.write("gold.measure_stay", *rows)
    assert lake.publish() == []
    assert lake.paths() == {}
