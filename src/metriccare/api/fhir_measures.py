"""Measures and their published results as FHIR R4: Measure, MeasureReport, CapabilityStatement.

Reports are summaries of published rows; none is about a person. A hidden count is absent, with the
reason `masked`, and so is its score. Canonical addresses are ours and name no server. Source:
publishing specification 10; FHIR R4 (4.0.1) Measure, MeasureReport.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from metriccare import __version__
from metriccare.api.encoding import instant
from metriccare.marts.measures import MEASURES
from metriccare.marts.measures.definition import MEAN, PROPORTION, RATE, Measure
from metriccare.statistics.direction import HIGHER, LOWER
from metriccare.tables.grains import MONTH, QUARTER, YEAR
from metriccare.tables.strata import HOSPITAL, OVERALL

Resource = dict[str, Any]
Row = Mapping[str, Any]
MEDIA_TYPE = "application/fhir+json"
FHIR_VERSION = "4.0.1"
_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_SCORING = {PROPORTION: "proportion", RATE: "ratio", MEAN: "continuous-variable"}
_NOTATION = {LOWER: "decrease", HIGHER: "increase"}
_UNITS = {MEAN: ("d", "days")}
_PERIOD = re.compile(r"(\d{4})(?:-(?:Q([1-4])|(0[1-9]|1[0-2])))?", re.ASCII)
_ID_DIGITS = 32


def id_of(measure: Measure) -> str:
    """Return the id of a measure as FHIR allows ids: without an underscore."""
    return measure.id.replace("_", "-")


def canonical(measure: Measure) -> str:
    """Return the canonical address of a measure."""
    return f"urn:metriccare:measure:{id_of(measure)}"


BY_FHIR_ID: Mapping[str, Measure] = {
    name: measure
    for measure in MEASURES
    for name in (id_of(measure), measure.id, canonical(measure))
}


def period_of(text: str) -> tuple[str, date] | None:
    """Return the grain and first day of a period: 2024, 2024-Q1 or 2024-03; None for no period."""
    found = _PERIOD.fullmatch(text)
    if found is None or int(found[1]) == 0:
        return None
    year, quarter, month = int(found[1]), found[2], found[3]
    if quarter:
        return QUARTER, date(year, 3 * int(quarter) - 2, 1)
    return (MONTH, date(year, int(month), 1)) if month else (YEAR, date(year, 1, 1))


def measure_resource(measure: Measure) -> Resource:
    """Return the definition of a measure."""
    return {
        "resourceType": "Measure",
        "id": id_of(measure),
        "url": canonical(measure),
        "version": measure.version,
        "name": measure.id,
        "title": measure.title,
        "status": "active",
        "experimental": False,
        "subjectCodeableConcept": _concept("http://hl7.org/fhir/resource-types", "Patient"),
        "description": measure.question,
        "usage": measure.not_this,
        "relatedArtifact": [
            {"type": "documentation", "display": f"docs/measures.md#{measure.id}"},
            {"type": "derived-from", "display": measure.source},
        ],
        "scoring": _concept(f"{_TERMINOLOGY}/measure-scoring", _SCORING[measure.shape]),
        **_improvement(measure),
        "group": [
            {
                "population": [
                    *(
                        {"code": _population(code), "criteria": _criteria(words)}
                        for code, words in _populations(measure)
                    ),
                    *(
                        {
                            "code": {**_population("denominator-exclusion"), "text": each.reason},
                            "description": each.meaning,
                            "criteria": _criteria(each.meaning),
                        }
                        for each in measure.exclusions
                    ),
                ],
                "stratifier": [
                    {"code": {"text": name}, "criteria": _criteria(name)}
                    for name in _stratifiers(measure)
                ],
            }
        ],
    }


def report_resource(
    measure: Measure, row: Row, strata: Sequence[Row], published_at: datetime
) -> Resource:
    """Return the summary report of a published row; `strata` are the rows of its breakdowns."""
    place = (row["tenant"], measure.id, row["grain"], row["period_start"], row["stratum_value"])
    group = {
        "population": _counts(measure, row),
        "measureScore": _score(measure, row),
        "stratifier": [
            {"code": [{"text": name}], "stratum": [_stratum(measure, each) for each in rows]}
            for name in _stratifiers(measure)
            if (rows := [each for each in strata if each["stratum_type"] == name])
        ],
    }
    return {
        "resourceType": "MeasureReport",
        "id": hashlib.sha256("\x1f".join(map(str, place)).encode()).hexdigest()[:_ID_DIGITS],
        "status": "complete",
        "type": "summary",
        "measure": f"{canonical(measure)}|{row['measure_version'] or measure.version}",
        "date": instant(published_at),
        "reporter": _reporter(row),
        # Our periods end on the day after; those of FHIR hold their last day.
        "period": {
            "start": row["period_start"],
            "end": row["period_end"] - timedelta(days=1),
        },
        **_improvement(measure),
        "group": [{name: value for name, value in group.items() if value}],
    }


def bundle(reports: Sequence[Resource]) -> Resource:
    """Return reports as the answer to a search."""
    return {
        "resourceType": "Bundle",
        "type": "searchset",
        "total": len(reports),
        "entry": [
            {
                "fullUrl": f"urn:metriccare:measure-report:{each['id']}",
                "resource": each,
                "search": {"mode": "match"},
            }
            for each in reports
        ],
    }


def capability_statement(now: datetime) -> Resource:
    """Return what this server does of FHIR."""
    parameters = (
        ("measure", "reference", "id or canonical address of the measure"),
        ("period", "date", "2024, 2024-Q1 or 2024-03"),
        ("reporter", "reference", "a hospital's id; without it, all together and each hospital"),
    )
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": now.date(),
        "kind": "instance",
        "software": {"name": "MetricCare", "version": __version__},
        "implementation": {"description": "Published quality measures, read-only"},
        "fhirVersion": FHIR_VERSION,
        "format": [MEDIA_TYPE],
        "rest": [
            {
                "mode": "server",
                "security": {"description": "OAuth 2 bearer token with the right quality:read"},
                "resource": [
                    {"type": "Measure", "interaction": [{"code": "read"}]},
                    {
                        "type": "MeasureReport",
                        "interaction": [{"code": "search-type"}],
                        "searchParam": [
                            {"name": name, "type": kind, "documentation": words}
                            for name, kind, words in parameters
                        ],
                    },
                ],
            }
        ],
    }


def _stratifiers(measure: Measure) -> list[str]:
    """Return the breakdowns of a report; each hospital has a report of its own."""
    return [name for name in measure.stratum_types if name not in (OVERALL, HOSPITAL.name)]


def _populations(measure: Measure) -> Iterable[tuple[str, str]]:
    if measure.shape == MEAN:
        return (("measure-population", measure.denominator),)
    return (("denominator", measure.denominator), ("numerator", measure.numerator))


def _counts(measure: Measure, row: Row) -> list[Resource]:
    columns = {"measure-population": "denominator"}
    return [
        {"code": _population(code), **_count(row[columns.get(code, code)], row)}
        for code, _ in _populations(measure)
    ]


def _count(count: int | None, row: Row) -> Resource:
    if row["suppressed"]:
        return {"_count": _masked()}
    return {} if count is None else {"count": count}


def _score(measure: Measure, row: Row) -> Resource | None:
    """Return the score of a row: masked where it is hidden, None where nothing was counted."""
    if row["suppressed"]:
        return _masked()
    if row["value"] is None:
        return None
    if measure.shape == PROPORTION:
        return {"value": row["value"]}
    code, words = _UNITS.get(measure.shape, (None, f"per {measure.per:,} patient days"))
    coded = {"system": "http://unitsofmeasure.org", "code": code} if code else {}
    return {"value": row["value"], "unit": words, **coded}


def _stratum(measure: Measure, row: Row) -> Resource:
    score = _score(measure, row)
    found = {
        "value": {"text": row["stratum_label"] or row["stratum_value"]},
        "population": _counts(measure, row),
    }
    return found if score is None else {**found, "measureScore": score}


def _reporter(row: Row) -> Resource:
    if row["stratum_type"] != HOSPITAL.name:
        return {"display": "all hospitals"}
    return {
        "type": "Organization",
        "identifier": {"value": row["stratum_value"]},
        "display": row["stratum_label"] or row["stratum_value"],
    }


def _masked() -> Resource:
    return {"extension": [{"url": _ABSENT, "valueCode": "masked"}]}


def _improvement(measure: Measure) -> Resource:
    code = _NOTATION.get(measure.better or "")
    if code is None:
        return {}
    return {"improvementNotation": _concept(f"{_TERMINOLOGY}/measure-improvement-notation", code)}


def _population(code: str) -> Resource:
    return _concept(f"{_TERMINOLOGY}/measure-population", code)


def _concept(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code}]}


def _criteria(words: str) -> Resource:
    """Return a criterion in words: none of our rules is written in an expression language."""
    return {"language": "text/plain", "expression": words}
