"""Organization, Location and Practitioner, which all charts share."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.clock import at
from data_generator.facts.hospitals import WardKind, ZoneCarrier
from data_generator.facts.people import PAYERS, TAXONOMY
from data_generator.fhir.chart import meta
from data_generator.fhir.codes import (
    BASE,
    NPI,
    NUCC,
    REGISTRY,
    TAX_ID,
    TIMEZONE_EXTENSION,
    Resource,
    concept,
    reference,
    term,
)
from data_generator.story import Hospital
from data_generator.world import Practitioner, World, national_provider_identifier

_NUCC_HOSPITAL, _NUCC_NURSING = "282N00000X", "314000000X"
_WARD_TYPES = {
    WardKind.EMERGENCY: "ER",
    WardKind.INTENSIVE_CARE: "ICU",
    WardKind.CHILDREN: "PEDU",
}
_WARD_NAMES = {
    WardKind.EMERGENCY: "Emergency Department",
    WardKind.MEDICINE: "Medicine",
    WardKind.SURGERY: "Surgery",
    WardKind.INTENSIVE_CARE: "Intensive Care Unit",
    WardKind.CARDIOLOGY: "Cardiology",
    WardKind.MATERNITY: "Maternity",
    WardKind.CHILDREN: "Children",
    WardKind.LONG_TERM: "Long-term Care",
}


def region_resources(world: World) -> Iterator[Resource]:
    """Yield facilities, payers, wards and staff."""
    updated = meta(world.hospitals[0], at(world.start_day, 5), REGISTRY)
    for number, hospital in enumerate(world.facilities):
        organization = _organization(hospital, updated)
        if world.claims_detail:
            organization["identifier"] += _billing_numbers(number)
        yield organization
    for payer in PAYERS:
        if payer.key != "self-pay":
            yield _payer(payer.key, payer.name, updated)
    for hospital in world.facilities:
        yield _site(hospital, updated)
        yield from (_ward(hospital, kind, updated) for kind in hospital.wards)
    for practitioner in world.practitioners:
        yield _practitioner(practitioner, updated)
    if world.claims_detail:
        for hospital in world.facilities:
            for practitioner in world.staff(hospital):
                yield _role(practitioner, hospital, updated)


def _address(hospital: Hospital) -> Resource:
    facts = hospital.facts
    return {
        "line": [facts.line],
        "city": facts.city,
        "state": facts.state,
        "postalCode": facts.postal_code,
        "country": "US",
    }


def _zone(hospital: Hospital) -> list[Resource]:
    return [{"url": TIMEZONE_EXTENSION, "valueCode": hospital.zone.name}]


def _is_nursing(hospital: Hospital) -> bool:
    return WardKind.LONG_TERM in hospital.wards


def _organization(hospital: Hospital, updated: Resource) -> Resource:
    resource: Resource = {
        "resourceType": "Organization",
        "id": hospital.organization_id,
        "meta": updated,
    }
    if hospital.facts.feed.zone_carrier is ZoneCarrier.ORGANIZATION:
        resource["extension"] = _zone(hospital)
    taxonomy = (
        concept(NUCC, _NUCC_NURSING, "Skilled Nursing Facility")
        if _is_nursing(hospital)
        else concept(NUCC, _NUCC_HOSPITAL, "General Acute Care Hospital")
    )
    resource |= {
        "identifier": [{"system": f"{BASE}/facility", "value": hospital.facts.key}],
        "active": True,
        "type": [term("organization-type", "prov", "Healthcare Provider"), taxonomy],
        "name": hospital.facts.name,
        "address": [_address(hospital)],
    }
    return resource


# Far above the numbers of the clinicians, so that no two NPI are the same.
_FIRST_FACILITY_NPI = 9000


def facility_npi(number: int) -> str:
    """Return the NPI of a facility by its place in the region."""
    return national_provider_identifier(_FIRST_FACILITY_NPI + number)


def facility_tax_id(number: int) -> str:
    """Return the tax number of a facility by its place in the region; not a real one."""
    return f"00-{_FIRST_FACILITY_NPI + number:07d}"


def taxonomy_of(hospital: Hospital) -> str:
    """Return the taxonomy code of a facility."""
    return _NUCC_NURSING if _is_nursing(hospital) else _NUCC_HOSPITAL


def _billing_numbers(number: int) -> list[Resource]:
    tax = {"type": term("v2-0203", "TAX"), "system": TAX_ID, "value": facility_tax_id(number)}
    return [{"system": NPI, "value": facility_npi(number)}, tax]


def _role(practitioner: Practitioner, hospital: Hospital, updated: Resource) -> Resource:
    specialty = concept(NUCC, TAXONOMY[practitioner.specialty], practitioner.specialty)
    id_ = practitioner.id.replace("practitioner", "role")
    return {
        "resourceType": "PractitionerRole",
        "id": id_,
        "meta": updated,
        "identifier": [{"system": f"{BASE}/role", "value": id_}],
        "active": True,
        "practitioner": reference("Practitioner", practitioner.id),
        "organization": reference("Organization", hospital.organization_id),
        "specialty": [specialty],
    }


def _payer(key: str, name: str, updated: Resource) -> Resource:
    return {
        "resourceType": "Organization",
        "id": f"payer-{key}",
        "meta": updated,
        "identifier": [{"system": f"{BASE}/payer", "value": key}],
        "active": True,
        "type": [term("organization-type", "pay", "Payer")],
        "name": name,
    }


def _location(hospital: Hospital, id_: str, name: str, updated: Resource) -> Resource:
    resource: Resource = {"resourceType": "Location", "id": id_, "meta": updated}
    if hospital.facts.feed.zone_carrier is ZoneCarrier.LOCATION:
        resource["extension"] = _zone(hospital)
    resource |= {
        "identifier": [{"system": f"{BASE}/location", "value": id_}],
        "status": "active",
        "name": name,
        "mode": "instance",
    }
    return resource


def _site(hospital: Hospital, updated: Resource) -> Resource:
    resource = _location(hospital, hospital.location_id, hospital.facts.name, updated)
    code = "SNF" if _is_nursing(hospital) else "HOSP"
    resource["type"] = [term("v3-RoleCode", code)]
    resource["address"] = _address(hospital)
    resource["physicalType"] = term("location-physical-type", "si", "Site")
    resource["managingOrganization"] = reference("Organization", hospital.organization_id)
    return resource


def _ward(hospital: Hospital, kind: WardKind, updated: Resource) -> Resource:
    name = f"{_WARD_NAMES[kind]}, {hospital.facts.name}"
    resource = _location(hospital, hospital.wards[kind], name, updated)
    code = "SNF" if _is_nursing(hospital) else _WARD_TYPES.get(kind, "HU")
    resource["type"] = [term("v3-RoleCode", code)]
    resource["physicalType"] = term("location-physical-type", "wa", "Ward")
    resource["managingOrganization"] = reference("Organization", hospital.organization_id)
    resource["partOf"] = reference("Location", hospital.location_id)
    return resource


def _practitioner(practitioner: Practitioner, updated: Resource) -> Resource:
    return {
        "resourceType": "Practitioner",
        "id": practitioner.id,
        "meta": updated,
        "identifier": [{"system": NPI, "value": practitioner.npi}],
        "active": True,
        "name": [{"family": practitioner.family, "given": [practitioner.given], "prefix": ["Dr."]}],
        "gender": practitioner.sex,
        "qualification": [{"code": {"text": practitioner.specialty}}],
    }
