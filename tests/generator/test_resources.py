from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from data_generator import GeneratorConfig, generate
from data_generator.fhir.record import DETAIL_FOLDERS, FOLDERS, OTHER_FOLDERS

SAMPLE_PER_TYPE = 250
LARGE_SAMPLE_PER_TYPE = 2000
FEWER = {
    "Organization": 11,
    "Location": 42,
    "Practitioner": 84,
    "Specimen": 150,
    "Procedure": 1000,
    "PractitionerRole": 84,
    "ChargeItem": 150,
}
FHIR_ID = re.compile(r"^[A-Za-z0-9\-.]{1,64}$")


def _resources(folder: Path) -> Iterator[dict[str, Any]]:
    for file in sorted((folder / "json").glob("*/*.ndjson")):
        for line in file.read_text().splitlines():
            yield json.loads(line)


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "reference" and isinstance(item, str):
                yield item
            else:
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


@pytest.mark.parametrize("kind", sorted(FOLDERS | DETAIL_FOLDERS))
def test_every_resource_type_is_valid_r4(run: Path, kind: str) -> None:
    assert _validate_sample(run, kind, SAMPLE_PER_TYPE) > 0


@pytest.fixture(scope="module")
def every_type(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("every_type") / "out"
    generate(GeneratorConfig(out, patients=150, seed=42, days=2, all_types=True))
    return out


@pytest.mark.parametrize("kind", sorted(OTHER_FOLDERS))
def test_types_that_no_measure_reads_are_valid_r4_and_written_when_asked_for(
    run: Path, every_type: Path, kind: str
) -> None:
    assert _validate_sample(every_type, kind, SAMPLE_PER_TYPE) > 0
    assert not (run / "json" / OTHER_FOLDERS[kind]).exists()


def test_more_types_leave_the_others_and_the_answer_as_they_were(
    tmp_path: Path, every_type: Path
) -> None:
    generate(GeneratorConfig(tmp_path / "out", patients=150, seed=42))
    plain = sorted((tmp_path / "out" / "json").rglob("*.ndjson"))
    for file in plain:
        assert file.read_bytes() == (every_type / file.relative_to(tmp_path / "out")).read_bytes()
    answers = [
        (folder / "truth.json").read_bytes().partition(b'"resources"')[0]
        for folder in (tmp_path / "out", every_type)
    ]
    assert answers[0] == answers[1]


def test_their_references_resolve_and_their_ids_are_unique(every_type: Path) -> None:
    resources = list(_resources(every_type))
    known = {f"{r['resourceType']}/{r['id']}" for r in resources}
    assert len(known) == len(resources)
    assert {found for resource in resources for found in _references(resource)} <= known


def _validate_sample(run: Path, kind: str, size: int) -> int:
    """Validate at least so many resources of a type, evenly spread, or all; return the number."""
    model = get_fhir_model_class(kind)
    lines = [
        line
        for file in sorted(
            (run / "json" / (FOLDERS | DETAIL_FOLDERS | OTHER_FOLDERS)[kind]).glob("*.ndjson")
        )
        for line in file.read_text().splitlines()
    ]
    sample = lines[:: max(1, len(lines) // size)]
    for line in sample:
        model.model_validate_json(line)
    return len(sample)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("large") / "out"
    generate(GeneratorConfig(out, patients=5500, seed=8))
    return out


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(FOLDERS | DETAIL_FOLDERS))
def test_two_thousand_of_every_type_are_valid_r4_or_all_there_are(large: Path, kind: str) -> None:
    valid = _validate_sample(large, kind, LARGE_SAMPLE_PER_TYPE)
    assert valid >= FEWER.get(kind, LARGE_SAMPLE_PER_TYPE)


def test_ids_are_fhir_ids_and_unique_and_every_resource_says_when_it_changed(run: Path) -> None:
    seen = set()
    for resource in _resources(run):
        key = resource["resourceType"], resource["id"]
        assert FHIR_ID.match(resource["id"])
        assert key not in seen
        assert re.match(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", resource["meta"]["lastUpdated"])
        seen.add(key)


def test_every_reference_resolves(run: Path) -> None:
    known = {f"{r['resourceType']}/{r['id']}" for r in _resources(run)}
    wanted = {found for resource in _resources(run) for found in _references(resource)}
    assert wanted <= known


def test_feeds_differ_in_zone_instants_and_dispositions(run: Path) -> None:
    encounters = [r for r in _resources(run) if r["resourceType"] == "Encounter"]
    starts = {e["period"]["start"][19:] for e in encounters}
    assert {"Z", "-05:00", "-04:00", "-06:00"} <= starts
    systems = {
        e["hospitalization"]["dischargeDisposition"]["coding"][0]["system"]
        for e in encounters
        if "dischargeDisposition" in e.get("hospitalization", {})
    }
    assert len(systems) == 3


def test_blood_pressure_is_a_panel_of_two_components(run: Path) -> None:
    panels = [
        r
        for r in _resources(run)
        if r["resourceType"] == "Observation" and r["code"]["coding"][0]["code"] == "85354-9"
    ]
    assert panels
    for panel in panels:
        parts = {c["code"]["coding"][0]["code"]: c["valueQuantity"] for c in panel["component"]}
        assert set(parts) == {"8480-6", "8462-4"}
        assert {quantity["code"] for quantity in parts.values()} == {"mm[Hg]"}
        assert not any(name.startswith("value") for name in panel)


def test_conditions_end_when_they_are_resolved_and_not_before_they_begin(run: Path) -> None:
    conditions = [r for r in _resources(run) if r["resourceType"] == "Condition"]
    for condition in conditions:
        resolved = condition["clinicalStatus"]["coding"][0]["code"] == "resolved"
        assert resolved == ("abatementDateTime" in condition)
        if resolved:
            assert condition["abatementDateTime"] >= condition["onsetDateTime"][:10]
    assert {"abatementDateTime" in c for c in conditions} == {True, False}


def test_one_feed_sends_emergency_and_observation_visits_with_the_class_of_inpatients(
    run: Path,
) -> None:
    encounters = [r for r in _resources(run) if r["resourceType"] == "Encounter"]
    types = {
        (e["serviceProvider"]["reference"], e["class"]["code"], e["type"][0]["coding"][0]["code"])
        for e in encounters
        if e.get("type") and "serviceProvider" in e
    }
    brigid = {pair[1:] for pair in types if pair[0] == "Organization/org-saint-brigid"}
    assert {("IMP", "4525004"), ("IMP", "448951000124107")} <= brigid
    assert not {class_ for class_, _ in brigid} & {"EMER", "OBSENC"}
    assert ("Organization/org-queen-city", "EMER", "50849002") in types


def test_skilled_nursing_is_recognised_by_type_not_by_class(run: Path) -> None:
    nursing = [
        r
        for r in _resources(run)
        if r["resourceType"] == "Encounter"
        and r.get("serviceProvider") == {"reference": "Organization/org-mill-creek"}
    ]
    inpatient = [e for e in nursing if e["class"]["code"] in ("IMP", "NONAC")]
    assert {e["class"]["code"] for e in inpatient} == {"IMP", "NONAC"}
    assert all(e["type"][0]["coding"][0]["code"] == "449411000124106" for e in inpatient)
