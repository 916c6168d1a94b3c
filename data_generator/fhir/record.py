"""All resources of a person, and the folder of each resource type."""

from __future__ import annotations

from collections.abc import Iterator

from data_generator.fhir.account_claims import account_resources
from data_generator.fhir.chart import Chart, charts_of
from data_generator.fhir.claims import claim_resources
from data_generator.fhir.codes import Resource
from data_generator.fhir.conditions import conditions
from data_generator.fhir.encounters import stay_encounters, visit_encounters
from data_generator.fhir.laboratory import laboratory
from data_generator.fhir.observations import observations
from data_generator.fhir.others import other_resources
from data_generator.fhir.patients import coverages, patient
from data_generator.fhir.procedures import procedures
from data_generator.story import Story

FOLDERS = {
    "Patient": "patients",
    "Encounter": "encounters",
    "Condition": "conditions",
    "Procedure": "procedures",
    "Observation": "observations",
    "Specimen": "specimens",
    "Organization": "organizations",
    "Location": "locations",
    "Practitioner": "practitioners",
    "Coverage": "coverages",
    "Claim": "claims",
    "ClaimResponse": "claim_responses",
    "ExplanationOfBenefit": "explanation_of_benefits",
}
# Money in detail: written unless the run leaves claims as they were (see ``claims_detail``).
DETAIL_FOLDERS = {
    "PractitionerRole": "practitioner_roles",
    "PaymentReconciliation": "payment_reconciliations",
    "ChargeItem": "charge_items",
}
# Types that no measure reads, written only with --all-types.
OTHER_FOLDERS = {
    "MedicationRequest": "medication_requests",
    "DiagnosticReport": "diagnostic_reports",
    "DocumentReference": "document_references",
    "Immunization": "immunizations",
    "AllergyIntolerance": "allergy_intolerances",
    "Device": "devices",
}


def person_resources(
    story: Story, as_of: int, registered_day: int, *, all_types: bool = False, money: bool = True
) -> Iterator[Resource]:
    """Yield every resource about a person that exists at the end of ``as_of``.

    Without ``money`` coverages, claims, answers and charges are left out.
    """
    for chart in charts_of(story, as_of):
        yield patient(chart, registered_day)
        if money:
            yield from coverages(chart, registered_day)
        yield from _care_resources(chart, registered_day)
        if money:
            yield from _money_resources(chart)
        if all_types:
            yield from other_resources(chart, registered_day)


def _care_resources(chart: Chart, registered_day: int) -> Iterator[Resource]:
    yield from stay_encounters(chart)
    yield from visit_encounters(chart)
    yield from conditions(chart, registered_day)
    yield from procedures(chart)
    yield from observations(chart)
    yield from laboratory(chart)


def _money_resources(chart: Chart) -> Iterator[Resource]:
    if chart.story.accounts is None:
        yield from claim_resources(chart)
    else:
        yield from account_resources(chart)
