"""Patient and Coverage."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from data_generator.clock import (
    at,
    day_text,
    day_to_date,
    first_day_of_month,
    month_index,
)
from data_generator.facts.people import PLACEHOLDER_BIRTH, BirthPrecision
from data_generator.fhir.chart import Chart, meta
from data_generator.fhir.codes import BASE, SOPT, VITAL_RECORDS, Resource, coding, reference
from data_generator.ids import Kind
from data_generator.revenue.accounts import second_cover
from data_generator.story import Death, Hospital, PayerPeriod, Person, Precision


def patient(chart: Chart, registered_day: int) -> Resource:
    """Return the Patient, with the death as far as it is known."""
    person = chart.person
    resource: Resource = {
        "resourceType": "Patient",
        "id": chart.patient_id,
        "meta": meta(_registrar(chart), at(registered_day, 6)),
        "extension": [_category("race", person.race), _category("ethnicity", person.ethnicity)],
        "identifier": [
            {
                "type": {"coding": [coding(_IDENTIFIER_TYPES, "MR")]},
                "system": f"{BASE}/mrn",
                "value": record_number(chart),
            }
        ],
        "active": True,
        "name": [{"use": "official", "family": person.family, "given": [person.given]}],
        "telecom": [{"system": "phone", "value": person.phone, "use": "home"}],
        "gender": person.sex,
        "birthDate": birth_text(person),
        "address": [
            {
                "line": [person.line],
                "city": person.town.name,
                "state": person.town.state,
                "postalCode": person.town.postal_code,
                "country": "US",
            }
        ],
    }
    if person.moved_day <= chart.as_of:
        resource["address"][0]["line"] = [person.new_line]
        resource["meta"] = meta(person.home, at(person.moved_day, 13))
    _write_link(resource, chart)
    death = chart.story.death
    if death is not None and chart.known(death.minute):
        _write_death(resource, chart, death)
    return resource


def record_number(chart: Chart) -> str:
    """Return the medical record number; an alias has its own."""
    return f"{'OV' if chart.story.record == 0 else 'OX'}{chart.person.number:08d}"


def _registrar(chart: Chart) -> Hospital:
    """Return the hospital that keeps the record; an alias belongs to the hospital of its stay."""
    return chart.person.home if chart.story.record == 0 else chart.stays()[0].hospital


_OMB = "urn:oid:2.16.840.1.113883.6.238"
_IDENTIFIER_TYPES = "http://terminology.hl7.org/CodeSystem/v2-0203"


@cache
def _category(name: str, category: tuple[str, str]) -> Resource:
    """Return the US Core race or ethnicity extension."""
    code, label = category
    return {
        "url": f"http://hl7.org/fhir/us/core/StructureDefinition/us-core-{name}",
        "extension": [
            {"url": "ombCategory", "valueCoding": coding(_OMB, code, label)},
            {"url": "text", "valueString": label},
        ],
    }


def birth_text(person: Person) -> str:
    """Return ``birthDate`` as precisely as it is recorded."""
    match person.birth_precision:
        case BirthPrecision.DAY:
            return day_text(person.birth_day)
        case BirthPrecision.PLACEHOLDER:
            return PLACEHOLDER_BIRTH.isoformat()
        case BirthPrecision.MONTH:
            return day_text(person.birth_day)[:7]
        case BirthPrecision.YEAR:
            return day_text(person.birth_day)[:4]


def _write_link(resource: Resource, chart: Chart) -> None:
    """Add the link of a merge: the alias names its replacement, the survivor what it replaces."""
    alias = chart.story.alias
    if alias is None or alias.merged_day > chart.as_of:
        return
    survives = chart.story.record == 0
    other = chart.id(Kind.PATIENT, 1 if survives else 0)
    link_type = "replaces" if survives else "replaced-by"
    resource["active"] = survives
    resource["link"] = [{"other": reference("Patient", other), "type": link_type}]
    merged = meta(chart.person.home, at(alias.merged_day, 14))
    resource["meta"] = max(resource["meta"], merged, key=lambda m: m["lastUpdated"])


def _write_death(resource: Resource, chart: Chart, death: Death) -> None:
    if death.precision is Precision.ABSENT:
        return
    month = vague_month(death, chart.as_of)
    # The register reports a month-only date when the month is over, all others after 4 hours.
    reported_minute = death.minute + 240 if month is None else at(month[1], 23)
    reported = {"lastUpdated": death.zone.utc_instant(reported_minute), "source": VITAL_RECORDS}
    resource["meta"] = max(resource["meta"], reported, key=lambda m: m["lastUpdated"])
    if death.precision is Precision.YES:
        resource["deceasedBoolean"] = True
    else:
        resource["deceasedDateTime"] = death_text(death, chart.as_of)


def death_text(death: Death, as_of: int) -> str:
    """Return ``deceasedDateTime`` as precisely as it is recorded."""
    if death.precision is Precision.INSTANT:
        return death.zone.instant(death.minute)
    if vague_month(death, as_of) is not None:
        return day_to_date(death.day).strftime("%Y-%m")
    return day_text(death.day)


def vague_month(death: Death, as_of: int) -> tuple[int, int] | None:
    """Return the first and last day of the month of a month-only death, once it is over."""
    month = month_index(death.day)
    last = first_day_of_month(month + 1) - 1
    if death.precision is not Precision.MONTH or last > as_of:
        return None
    return first_day_of_month(month), last


# The number of the second coverage: people have at most two that follow each other.
SECOND_COVER = 9
SELF_PAY = "self-pay"


def coverages(chart: Chart, registered_day: int) -> Iterator[Resource]:
    """Yield one Coverage for each period with a payer."""
    for index, period in enumerate(chart.person.payers):
        if period.first <= chart.as_of:
            yield _coverage(chart, index, period, max(registered_day, period.first))
    if chart.story.accounts is not None:
        second = second_cover(chart.person)
        if second is not None:
            updated = max(registered_day, second.first)
            yield _coverage(chart, SECOND_COVER, second, updated)


def _coverage(chart: Chart, index: int, period: PayerPeriod, updated_day: int) -> Resource:
    payer = period.payer
    span = {"start": day_text(period.first)}
    if period.last is not None and period.last <= chart.as_of:
        span["end"] = day_text(period.last)
        updated_day = max(updated_day, period.last)
    own = payer.key == "self-pay"
    payor = chart.subject if own else reference("Organization", payer.id)
    resource: Resource = {
        "resourceType": "Coverage",
        "id": coverage_id(chart, index),
        "meta": meta(chart.person.home, at(updated_day, 6, 30)),
        "status": "active",
        "type": {
            "coding": [
                coding(SOPT, payer.sopt, payer.name),
                coding(payer.hl7_system, payer.hl7_code),
            ]
        },
        "subscriberId": period.member,
        "beneficiary": chart.subject,
        "period": span,
        "payor": [payor],
    }
    if chart.story.accounts is not None:
        resource["order"] = 2 if index == SECOND_COVER else 1
        if own:
            resource["payor"] = [{**payor, "display": SELF_PAY}]
    return resource


def coverage_id(chart: Chart, index: int) -> str:
    """Return the id of a coverage by its number."""
    return chart.id(Kind.COVERAGE, index, chart.story.record)
