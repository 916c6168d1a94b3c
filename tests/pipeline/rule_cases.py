"""A row that trips each row rule, and rows that trip none."""

from __future__ import annotations

from datetime import UTC, datetime

from tests.pipeline.resources import encounter, patient

NO_DAY, LATER = "2023-02-29", "2190-01-01"
ARRIVED = datetime(2024, 6, 1, tzinfo=UTC)


def of(kind: str, **more: object) -> dict:
    meta = {"lastUpdated": "2024-01-01T00:00:00Z"}
    return {"resourceType": kind, "id": "x", "meta": meta, **more}


# Where each type has a date, as FHIR spells it.
DATED = {
    "Patient": lambda day: patient(deceasedDateTime=day),
    "Coverage": lambda day: of("Coverage", period={"end": day}),
    "Encounter": lambda day: encounter(period={"start": "2024-01-01", "end": day}),
    "Condition": lambda day: of("Condition", onsetDateTime=day),
    "Procedure": lambda day: of("Procedure", performedDateTime=day),
    "Specimen": lambda day: of("Specimen", collection={"collectedDateTime": day}),
    "Observation": lambda day: of("Observation", effectiveDateTime=day),
    "Claim": lambda day: of("Claim", patient={"reference": "Patient/1"}, created=day),
    "ClaimResponse": lambda day: of("ClaimResponse", created=day),
    "ExplanationOfBenefit": lambda day: of("ExplanationOfBenefit", payment={"date": day}),
    "PractitionerRole": lambda day: of("PractitionerRole", period={"start": day}),
    "Account": lambda day: of("Account", servicePeriod={"end": day}),
    "ChargeItem": lambda day: of("ChargeItem", enteredDate=day),
    "Invoice": lambda day: of("Invoice", date=day),
    "PaymentReconciliation": lambda day: of("PaymentReconciliation", paymentDate=day),
}
# Where each type has a reference, with one to a type that FHIR does not allow there.
REFERRING = {
    "Organization": of("Organization", partOf={"reference": "Location/1"}),
    "Location": of("Location", managingOrganization={"reference": "Patient/1"}),
    "Patient": patient(link=[{"type": "seealso", "other": {"reference": "Group/1"}}]),
    "Coverage": of("Coverage", beneficiary={"reference": "Group/1"}),
    "Encounter": encounter(partOf={"reference": "https://ehr.example.org/Patient/1"}),
    "Condition": of("Condition", subject={"reference": "Location/1"}),
    "Procedure": of("Procedure", encounter={"reference": "Patient/1/_history/2"}),
    "Specimen": of("Specimen", subject={"type": "Encounter", "identifier": {"value": "1"}}),
    "Observation": of("Observation", specimen={"reference": "Specimens/1"}),
    "Claim": of(
        "Claim",
        patient={"reference": "Patient/1"},
        item=[{"encounter": [{"reference": "Claim/1"}]}],
    ),
    "ClaimResponse": of(
        "ClaimResponse",
        request={"reference": "Claim?identifier=1"},
        patient={"reference": "Group?identifier=1"},
    ),
    "ExplanationOfBenefit": of(
        "ExplanationOfBenefit", careTeam=[{"provider": {"reference": "Patient/1"}}]
    ),
    "PractitionerRole": of("PractitionerRole", practitioner={"reference": "Patient/1"}),
    "Account": of("Account", subject=[{"reference": "Group/1"}]),
    "ChargeItem": of("ChargeItem", context={"reference": "Claim/1"}),
    "Invoice": of("Invoice", issuer={"reference": "Patient/1"}),
    "PaymentReconciliation": of(
        "PaymentReconciliation", detail=[{"response": {"reference": "Claim/1"}}]
    ),
}
FAILING = {
    ("shape_invalid", None): patient(link="Patient/p2"),
    ("modifier_extension_unknown", None): patient(modifierExtension=[{"url": "urn:x"}]),
    ("encounter_status_unknown", "Encounter"): encounter(status="done"),
    ("encounter_class_unknown", "Encounter"): encounter(**{"class": {"code": "BED"}}),
    **{("date_invalid", kind): make(NO_DAY) for kind, make in DATED.items()},
    **{("date_in_future", kind): make(LATER) for kind, make in DATED.items()},
    **{("reference_type_unexpected", kind): row for kind, row in REFERRING.items()},
    ("claim_without_person", "Claim"): of("Claim"),
    ("charge_negative", "Claim"): of(
        "Claim",
        patient={"reference": "Patient/1"},
        item=[{"sequence": 1, "unitPrice": {"value": -5}}],
    ),
    ("last_updated_missing", None): patient(updated=None),
    ("period_end_before_start", "Encounter"): encounter(
        period={"start": "2024-01-04", "end": "2024-01-01"}
    ),
    ("period_end_missing", "Encounter"): encounter(period={"start": "2024-01-01"}),
    ("period_start_missing", "Encounter"): encounter(period={"end": "2024-01-01"}),
    ("death_before_birth", "Patient"): patient(deceasedDateTime="1949-01-01"),
    ("birth_date_missing", "Patient"): patient(birthDate=None),
}
# The void of a claim takes its charges back.
VOID = of(
    "Claim",
    patient={"reference": "Patient/1"},
    supportingInfo=[
        {
            "sequence": 1,
            "category": {"coding": [{"code": "typeofbill"}]},
            "code": {"coding": [{"code": "0138"}]},
        }
    ],
    item=[{"sequence": 1, "net": {"value": -5}}],
)
GOOD = [patient(), encounter(), VOID, *[make("2024-02-29") for make in DATED.values()]]
