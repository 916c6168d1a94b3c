"""The world `hospital`: it has many more stays, and the same happens in each stay."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from data_generator import GeneratorConfig, GeneratorError, generate
from data_generator.describe import TARGETS, Census, achieved, take_census
from data_generator.facts.worlds import DENSITIES, HOSPITAL, REGION
from tests.generator.reference import Measures
from tests.generator.test_truth import SCHEMA

PEOPLE = 500
STAYS_PER_PERSON = TARGETS[0]
BYTES_OF_TWENTY_PEOPLE = "432bc576c80092a03a005c097dac1655543aa4dfad4592d5604f3a9d3b1bcacf"


@pytest.fixture(scope="module")
def hospital(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("hospital") / "out"
    generate(GeneratorConfig(out, patients=150, world=HOSPITAL))
    return out


@pytest.fixture(scope="module")
def census() -> Census:
    return take_census(GeneratorConfig(Path("unused"), patients=6 * PEOPLE, world=HOSPITAL))


def test_people_are_inpatients_six_times_as_often(census: Census) -> None:
    per_thousand = achieved(census)[0]
    assert per_thousand > 6 * STAYS_PER_PERSON.value


@pytest.mark.parametrize("place", range(1, len(TARGETS)), ids=[t.name for t in TARGETS[1:]])
def test_what_happens_in_a_stay_meets_the_targets_of_any_world(census: Census, place: int) -> None:
    target = TARGETS[place]
    assert achieved(census)[place] == pytest.approx(target.value, abs=target.tolerance)


def test_fewer_records_belong_to_each_stay(hospital: Path, tmp_path: Path) -> None:
    region = generate(GeneratorConfig(tmp_path / "region", patients=150))
    dense = _truth(hospital)
    per_stay = sum(dense["resources"].values()) / len(dense["stays"])
    # Two accounts of four resources belong to a stay, a few more where an answer is contested.
    assert per_stay < 25 < region.total / region.stays


def test_its_truth_equals_a_second_reading_of_the_rules_from_the_files(hospital: Path) -> None:
    truth = _truth(hospital)
    keys = ("measure_id", "grain", "period_start", "stratum_type", "stratum_value")
    counts = {
        tuple(row[key] for key in keys): [row["numerator"], row["denominator"]]
        for row in truth["measures"]
        if row["denominator"]
    }
    read = Measures(date.fromisoformat(truth["as_of"]), hospital / "json").counts
    assert counts == {key: count for key, count in read.items() if count[1]}


def test_its_truth_names_the_world_and_follows_the_schema(hospital: Path) -> None:
    jsonschema = pytest.importorskip("jsonschema")
    truth = _truth(hospital)
    assert truth["arguments"]["world"] == HOSPITAL
    sample = {"stays": truth["stays"][:40], "measures": truth["measures"][::80]}
    sample |= {"kpis": truth["kpis"][::200]}
    jsonschema.validate(truth | sample, json.loads(SCHEMA.read_text()))


def test_the_default_world_keeps_the_bytes_of_before_there_were_two(tmp_path: Path) -> None:
    generate(GeneratorConfig(tmp_path, patients=20, seed=42, force=True))
    # No names in it, which would change with the version of Faker.
    encounters = (tmp_path / "json/encounters/Encounter.000.ndjson").read_bytes()
    assert sha256(encounters).hexdigest() == BYTES_OF_TWENTY_PEOPLE
    assert "world" not in _truth(tmp_path)["arguments"]


def test_an_unknown_world_is_refused_with_the_known_ones() -> None:
    with pytest.raises(GeneratorError, match="choose one of region, hospital"):
        GeneratorConfig(Path("unused"), world="moon").check()


def test_the_usual_world_changes_no_rate() -> None:
    assert (DENSITIES[REGION].admissions, DENSITIES[REGION].visits) == (1.0, 1.0)


def test_arrivals_are_charted_once(hospital: Path) -> None:
    observations = (hospital / "json/observations/Observation.000.ndjson").read_text().splitlines()
    vital = Counter(
        row["encounter"]["reference"]
        for row in map(json.loads, observations)
        if row["category"][0]["coding"][0]["code"] == "vital-signs"
    )
    assert set(vital.values()) == {1}


def _truth(folder: Path) -> dict[str, Any]:
    return dict(json.loads((folder / "truth.json").read_text()))
