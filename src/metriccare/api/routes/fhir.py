"""Published measures as FHIR R4, read-only: never about a person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from metriccare.access.rights import QUALITY_READ
from metriccare.api import fhir_measures
from metriccare.api.encoding import Facts
from metriccare.api.endpoint import Call, Endpoint, Handler, Reply
from metriccare.api.fhir_measures import BY_FHIR_ID, MEDIA_TYPE
from metriccare.api.measure_charts import RESULTS
from metriccare.api.parameters import Parameter
from metriccare.api.problems import invalid
from metriccare.api.reads import Reader, between, declared, equal
from metriccare.marts.measures.definition import Measure
from metriccare.tables.strata import HOSPITAL, OVERALL

_OBJECT: dict[str, Any] = {"type": "object", "required": ["resourceType"]}


def metadata(call: Call) -> Reply:
    """Return what this server does of FHIR."""
    return _fhir(fhir_measures.capability_statement(call.services.clock()))


def measure(call: Call) -> Reply:
    """Return the definition of a measure."""
    return _fhir(fhir_measures.measure_resource(declared(call, BY_FHIR_ID)))


def reports(call: Call) -> Reply:
    """Return summary reports of a measure and period: of all together, and of each hospital."""
    values, reader = call.values, Reader(call)
    wanted = _measure(values["measure"])
    period = fhir_measures.period_of(values["period"])
    if period is None:
        raise invalid("query", "period", "wants a period such as 2024, 2024-Q1 or 2024-03")
    grain, start = period
    rows = reader.rows(
        RESULTS,
        [
            equal("measure_id", wanted.id),
            equal("grain", grain),
            *between("period_start", start, start + timedelta(days=1)),
        ],
        ("stratum_label",),
    )
    reporter = (values["reporter"] or "").removeprefix("Organization/")
    publication = call.services.published.publication(call.scope, call.exchange.publication)
    made = [
        fhir_measures.report_resource(
            wanted,
            row,
            rows if row["stratum_type"] == OVERALL else (),
            publication.pointer.published_at,
        )
        for row in rows
        if _is_reported(row, reporter)
    ]
    hidden = sum(bool(row["suppressed"]) for row in rows)
    call.exchange.object = f"{RESULTS.name} {call.exchange.route}"
    facts = Facts(len(made), hidden, RESULTS.column_names)
    return Reply(fhir_measures.bundle(made), MEDIA_TYPE, facts=facts)


def _measure(name: str) -> Measure:
    """Return the measure of an id or canonical address, with or without a version."""
    plain, _, version = name.removeprefix("Measure/").partition("|")
    found = BY_FHIR_ID.get(plain)
    if found is None or version not in ("", found.version):
        raise invalid("query", "measure", "there is no such measure, or not in that version")
    return found


def _is_reported(row: dict[str, Any], reporter: str) -> bool:
    if row["stratum_type"] == HOSPITAL.name:
        return reporter in ("", row["stratum_value"])
    return row["stratum_type"] == OVERALL and not reporter


def _fhir(resource: dict[str, Any]) -> Reply:
    return Reply(resource, MEDIA_TYPE)


def _endpoint(
    path: str, handler: Handler, summary: str, *parameters: Parameter, is_cached: bool = False
) -> Endpoint:
    return Endpoint(
        f"/fhir/r4/{path}",
        handler,
        QUALITY_READ,
        summary,
        parameters=parameters,
        schema=_OBJECT,
        media_types=(MEDIA_TYPE,),
        is_cached=is_cached,
    )


ENDPOINTS = (
    _endpoint("metadata", metadata, "What this server does of FHIR"),
    _endpoint(
        "Measure/{id}",
        measure,
        "A measure's definition as FHIR",
        Parameter("id", "The measure.", is_in_path=True),
    ),
    _endpoint(
        "MeasureReport",
        reports,
        "Published results as FHIR summary reports; hidden counts are masked",
        Parameter("measure", "Id or canonical address of the measure.", is_required=True),
        Parameter("period", "2024, 2024-Q1 or 2024-03.", is_required=True),
        Parameter("reporter", "A hospital's id; else all together, and each hospital."),
        is_cached=True,
    ),
)
