"""A person whose computation fails keeps the stored rows, and is tried again by every run.

The rules fail for persons with a principal diagnosis in ICD-10, because a hospital's own code set
has a range with three ends.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from metriccare.errors import Refusal
from metriccare.pipeline.gold.outcome import Outcome
from metriccare.settings import MeasureFiles, Settings, TenantSettings
from tests.pipeline.broken_codes import BROKEN_CODES
from tests.pipeline.gold_lake import TABLES, GoldLake, infection, organization, patient, stay


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    codes = tmp_path / "codes"
    codes.mkdir()
    (codes / "planned_diagnoses.json").write_text(json.dumps(BROKEN_CODES))
    return Settings(tenants={"default": TenantSettings()}, measures=MeasureFiles(code_sets=codes))


def person(id_: str, days: int, code: str | None = None, **more) -> list:
    """Return a person with one stay; the rules fail for a person with a code."""
    diagnosis = {"condition_id": f"{id_}-c", "use_codes": ["billing"], "rank": 1}
    end = f"2024-01-{5 + days:02}"
    is_broken = {"diagnoses": [diagnosis]} if code else {}
    condition = [infection(f"{id_}-c", id_, f"{id_}-e", "2024-01-05", code)] if code else []
    return [
        patient(id_, **more),
        *condition,
        stay(f"{id_}-e", id_, "2024-01-05", end, **is_broken),
    ]


def test_a_person_the_rules_fail_on_keeps_the_stored_rows_until_corrected(
    settings: Settings, tmp_path: Path
):
    lake = GoldLake(tmp_path / "one", settings)
    first = [organization(), *person("a", 4), *person("b", 4), *person("c", 4, "J44.1")]
    published = lake.run(first)
    names = ("tenant", "person_id", "error", "outcome_run_id")
    assert published.persons_not_computed == 1
    assert lake.rows("gold.person_not_computed", *names) == [("default", "c", "ValueError", None)]
    ((place,),) = lake.rows("gold.person_not_computed", "place")
    assert place.startswith("marts/stays/codesets.py:")
    assert lake.rows("gold.stay", "person_id", "los_midnights") == [("a", 4), ("b", 4)]

    # The stored death of a is undecided now; b changes, c is tried again.
    judged: list[Outcome] = []
    lake.run(
        [*person("a", 8, "J44.1", deceased=True), *person("b", 6)],
        gates=lambda outcome: judged.append(outcome) or (),
    )
    assert lake.rows("gold.stay", "person_id", "los_midnights") == [("a", 4), ("b", 6)]
    runs = ("person_id", "since_run_id", "outcome_run_id")
    one, two = (f"run-00000{n}-20240601T000000Z" for n in (1, 2))
    assert lake.rows("gold.person_not_computed", *runs) == [("a", two, two), ("c", one, None)]
    counted = judged[0].uncomputed["default"]
    assert (counted.of, dict(counted.since)) == (3, {(two, two): 1, (one, None): 1})
    quality = lake.rows("publish.data_quality", "rule_id", "suppressed")
    assert ("person_not_computed", True) in quality

    # A refused tenant's persons stay named although they are computed.
    last = [person_ for id_ in "ac" for person_ in person(id_, 2)]
    corrected = [*last, *((name, {**row, "deleted": True}) for name, row in infections("a", "c"))]
    lake.run(corrected, gates=lambda _: [Refusal("default", "share_dropped", "no")])
    assert [row[0] for row in lake.rows("gold.person_not_computed", "person_id")] == ["a", "c"]
    lake.run()
    assert lake.rows("gold.person_not_computed", "person_id") == []
    clean = GoldLake(tmp_path / "two", settings)
    clean.run([organization(), *person("b", 6), *corrected])
    for table in TABLES:
        assert lake.content(table) == clean.content(table), table


def infections(*ids: str) -> list:
    return [infection(f"{id_}-c", id_, f"{id_}-e", "2024-01-05", "J44.1") for id_ in ids]


def test_a_stay_another_person_takes_over_is_not_kept(settings: Settings, tmp_path: Path):
    lake = GoldLake(tmp_path / "one", settings)
    lake.run([organization(), *person("a", 4), *person("b", 4)])
    moved = stay("a-e", "b", "2024-01-05", "2024-01-09")
    named = [{"condition_id": "a-c", "use_codes": ["billing"], "rank": 1}]
    broken = [*infections("a"), stay("a-f", "a", "2024-02-01", "2024-02-03", diagnoses=named)]
    lake.run([moved, *broken])
    assert lake.rows("gold.person_not_computed", "person_id") == [("a",)]
    owners = {(row[0], row[1]) for row in lake.rows("gold.stay", "stay_id", "person_id")}
    assert ("a-e", "b") in owners
    assert ("a-e", "a") not in owners
