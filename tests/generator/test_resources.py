from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B import get_fhir_model_class

from data_generator import GeneratorConfig, generate
from data_generator.fhir.record import FOLDERS

SAMPLE_PER_TYPE = 250
LARGE_SAMPLE_PER_TYPE = 2000
FEWER = {
    "Organization": 11,
    "Location": 42,
    "Practitioner": 84,
    "Specimen": 150,
    "Procedure": 1000,
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


@pytest.mark.parametrize("kind", sorted(FOLDERS))
def test_every_resource_type_is_valid_r4(run: Path, kind: str) -> None:
    assert _validate_sample(run, kind, SAMPLE_PER_TYPE) > 0


def _validate_sample(run: Path, kind: str, size: int) -> int:
    """Validate at least so many resources of a type, evenly spread, or all; how many it was."""
    model = get_fhir_model_class(kind)
    lines = [
        line
        for file in sorted((run / "json" / FOLDERS[kind]).glob("*.ndjson"))
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
@pytest.mark.parametrize("kind", sorted(FOLDERS))
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


def test_skilled_nursing_is_told_apart_by_type_not_by_class(run: Path) -> None:
    nursing = [
        r
        for r in _resources(run)
        if r["resourceType"] == "Encounter"
        and r["serviceProvider"]["reference"] == "Organization/org-mill-creek"
    ]
    inpatient = [e for e in nursing if e["class"]["code"] in ("IMP", "NONAC")]
    assert {e["class"]["code"] for e in inpatient} == {"IMP", "NONAC"}
    assert all(e["type"][0]["coding"][0]["code"] == "449411000124106" for e in inpatient)
