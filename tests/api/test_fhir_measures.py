"""Measures and reports as FHIR: valid, masked where hidden, never about a person."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from fhir.resources.R4B.measure import Measure

from metriccare.marts.measures import MEASURES
from tests.api.running import Browser, Running, running
from tests.publishing.mart_lake import MartLake, hidden, hospital, measure

_REPORTS = "/fhir/r4/MeasureReport"
_YEAR = {"measure": "readmission_30d", "period": "2024"}
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
# Required bindings of R4 that fhir.resources does not check.
_SCORING = {"proportion", "ratio", "continuous-variable", "cohort"}
_NOTATION = {"increase", "decrease"}
_POPULATIONS = {"denominator", "numerator", "denominator-exclusion", "measure-population"}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    lake = MartLake(tmp_path_factory.mktemp("fhir"))
    sex = {"stratum_type": "sex", "stratum_label": None}
    lake.write(
        "publish.measure",
        measure("default"),
        hospital("h1", "default", numerator=30, denominator=200, value=0.15),
        hospital("h2", "default", numerator=None, denominator=None, value=None, suppressed=True),
        measure("default", **sex, stratum_value="female", numerator=25),
        hidden("default", **sex, stratum_value="male"),
        measure("default", measure_id="alos", numerator=1500, denominator=300, value=5.0),
        measure("default", period_start=date(2023, 1, 1), period_end=date(2024, 1, 1)),
        measure("second", numerator=77),
    )
    lake.publish()
    with running(lake.folder) as served:
        yield served


@pytest.fixture
def analyst(api: Running) -> Browser:
    api.served.services.limiter._windows.clear()
    return api.program("analyst")


def reports(analyst: Browser, **parameters: str) -> list[dict[str, Any]]:
    answer = analyst.get(_REPORTS, params={**_YEAR, **parameters})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/fhir+json"
    Bundle.model_validate_json(answer.content)
    return [entry["resource"] for entry in answer.json().get("entry", [])]


def codes(value: object) -> set[str]:
    """Return every code of a coding in a resource."""
    if isinstance(value, dict):
        own = {c["code"] for c in value.get("coding", []) if isinstance(c, dict)}
        return own.union(*(codes(each) for each in value.values()))
    return set().union(*map(codes, value)) if isinstance(value, list) else set()


def test_a_report_says_measure_period_reporter_and_counts(analyst: Browser) -> None:
    whole, *hospitals = reports(analyst)
    by_code = {p["code"]["coding"][0]["code"]: p for p in whole["group"][0]["population"]}

    assert whole["measure"].startswith("urn:metriccare:measure:readmission-30d|")
    assert whole["period"] == {"start": "2024-01-01", "end": "2024-12-31"}
    assert (by_code["numerator"]["count"], by_code["denominator"]["count"]) == (40, 300)
    assert whole["group"][0]["measureScore"]["value"] == pytest.approx(40 / 300)
    assert [each["reporter"]["identifier"]["value"] for each in hospitals] == ["h1", "h2"]


def test_hidden_counts_are_masked_with_their_score(analyst: Browser) -> None:
    whole, _, small = reports(analyst)
    (sex,) = whole["group"][0]["stratifier"]
    masked = {"extension": [{"url": _ABSENT, "valueCode": "masked"}]}

    assert small["group"][0]["measureScore"] == masked
    for population in (*small["group"][0]["population"], *sex["stratum"][1]["population"]):
        assert population["_count"] == masked
        assert "count" not in population
    assert sex["stratum"][0]["population"][1]["count"] == 25


def test_a_mean_counts_stays_and_scores_days(analyst: Browser) -> None:
    (alos,) = reports(analyst, measure="alos")
    (population,) = alos["group"][0]["population"]

    assert population["code"]["coding"][0]["code"] == "measure-population"
    assert population["count"] == 300
    assert alos["group"][0]["measureScore"] == {
        "value": 5.0,
        "unit": "days",
        "system": "http://unitsofmeasure.org",
        "code": "d",
    }
    assert "1500" not in json.dumps(alos)


@pytest.mark.parametrize("reporter", ["h1", "Organization/h1"])
def test_one_reporter(analyst: Browser, reporter: str) -> None:
    (found,) = reports(analyst, reporter=reporter)
    assert found["reporter"]["identifier"]["value"] == "h1"


@pytest.mark.parametrize(
    "name", ["readmission-30d", "Measure/readmission_30d", "urn:metriccare:measure:readmission-30d"]
)
def test_a_measure_by_id_or_canonical_address(analyst: Browser, name: str) -> None:
    assert len(reports(analyst, measure=name)) == 3


@pytest.mark.parametrize(
    "wrong",
    [
        {"period": "2024-13"},
        {"period": "0000"},
        {"period": "2024-Q5"},
        {"period": "last year"},
        {"measure": "no-such"},
        {"measure": "readmission-30d|0.0.1"},
        {"patient": "p1"},
        {"_format": "xml"},
    ],
)
def test_what_cannot_be_answered_is_refused(analyst: Browser, wrong: dict[str, str]) -> None:
    assert analyst.get(_REPORTS, params={**_YEAR, **wrong}).status_code == 422


@pytest.mark.parametrize("period", ["2022", "2024-Q1", "2024-03"])
def test_a_period_without_results_has_no_report(analyst: Browser, period: str) -> None:
    assert reports(analyst, period=period) == []


def test_equal_publications_have_equal_reports(analyst: Browser) -> None:
    first, second = (analyst.get(_REPORTS, params=_YEAR) for _ in range(2))
    assert first.content == second.content
    ids = [each["id"] for each in reports(analyst)]
    assert len(set(ids)) == len(ids) == 3


def test_reports_are_of_the_own_tenant(analyst: Browser) -> None:
    assert "77" not in analyst.get(_REPORTS, params=_YEAR).text
    other = analyst.get(_REPORTS, params=_YEAR, headers={"metriccare-tenant": "second"})
    assert other.status_code == 403


@pytest.mark.parametrize("each", MEASURES, ids=lambda each: each.id)
def test_every_definition_is_valid_with_bound_codes(analyst: Browser, each: Any) -> None:
    answer = analyst.get(f"/fhir/r4/Measure/{each.id}")
    Measure.model_validate_json(answer.content)
    found = answer.json()

    assert codes(found["scoring"]) <= _SCORING
    assert codes(found.get("improvementNotation", {})) <= _NOTATION
    assert codes(found["group"]) <= _POPULATIONS
    assert found["status"] == "active"
    exclusions = [p for p in found["group"][0]["population"] if p["code"].get("text")]
    assert [p["code"]["text"] for p in exclusions] == [e.reason for e in each.exclusions]


def test_an_unknown_definition_does_not_exist(analyst: Browser) -> None:
    assert analyst.get("/fhir/r4/Measure/no-such").status_code == 404
    assert analyst.get("/fhir/r4/Patient/p1").status_code == 404


def test_the_capability_statement_names_what_there_is(analyst: Browser) -> None:
    answer = analyst.get("/fhir/r4/metadata")
    found = CapabilityStatement.model_validate_json(answer.content)

    assert {each.type for each in found.rest[0].resource} == {"Measure", "MeasureReport"}
    assert found.fhirVersion == "4.0.1"
