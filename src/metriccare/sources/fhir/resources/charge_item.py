"""ChargeItem: one charge written down, before it is billed.

Source: FHIR R4 ChargeItem (R5: `encounter`, `unitPriceComponent`).
"""

from metriccare.sources.fhir.codings import concept
from metriccare.sources.fhir.date_elements import date_time
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_MONEY,
    SHAPE_PERIOD,
    SHAPE_REFERENCE,
    Reference,
    Resource,
)
from metriccare.sources.fhir.elements import amount, fields, first_where, shared, text
from metriccare.sources.fhir.reference_elements import reference

_PATIENT = Reference("patient", "Patient", required=True, also=("Group",))
_ENCOUNTER = Reference("encounter", "Encounter", also=("EpisodeOfCare",))
_ORGANIZATION = Reference("performing_organization", "Organization")
_PERFORMER = Reference(
    "performer",
    "Practitioner",
    also=(
        *("PractitionerRole", "Organization", "CareTeam", "Patient", "Device", "RelatedPerson"),
        "HealthcareService",
    ),
)
_ACCOUNT = Reference("account", "Account")
# Of several performers the first person who gives care.
_IS_PERSON = "p.actor.reference rlike '(^|/)Practitioner[/?]'"
_BY = f"coalesce({first_where('r.performer', 'p', _IS_PERSON)}, get(r.performer, 0)).actor"
_PRICE = "coalesce(r.priceOverride, r.unitPriceComponent.amount)"

CHARGE_ITEM = Resource(
    type="ChargeItem",
    table="charge_item",
    meaning="one row per charge written down for a patient",
    shape=(
        f"status STRING, code {SHAPE_CONCEPT}, subject {SHAPE_REFERENCE},"
        f" context {SHAPE_REFERENCE}, encounter {SHAPE_REFERENCE}, occurrenceDateTime STRING,"
        f" occurrencePeriod {SHAPE_PERIOD}, enteredDate STRING, quantity STRUCT<value:NUMBER>,"
        f" factorOverride NUMBER, priceOverride {SHAPE_MONEY},"
        f" unitPriceComponent STRUCT<amount:{SHAPE_MONEY}>,"
        f" performingOrganization {SHAPE_REFERENCE},"
        f" performer ARRAY<STRUCT<actor:{SHAPE_REFERENCE}>>, account ARRAY<{SHAPE_REFERENCE}>"
    ),
    fields=fields(
        text("status", "r.status", "planned, billable, not-billable, aborted, billed ..."),
        concept("code", "r.code", "what is charged"),
        reference(_PATIENT, "r.subject", "the patient"),
        reference(_ENCOUNTER, "coalesce(r.context, r.encounter)", "the encounter it belongs to"),
        date_time(
            "occurrence_start",
            "coalesce(r.occurrenceDateTime, r.occurrencePeriod.start)",
            "when the service began",
        ),
        date_time("entered_date", "r.enteredDate", "when it was posted"),
        amount("quantity", "r.quantity.value", "units of service"),
        amount("price_override", f"{_PRICE}.value", "price of the charge (of R5, of one unit)"),
        text("price_override_currency", f"{_PRICE}.currency", "currency of the price (ISO 4217)"),
        amount("factor", "r.factorOverride", "what the price is multiplied by"),
        reference(_ORGANIZATION, "r.performingOrganization", "the organisation that did it"),
        (shared("performed_by", _BY),),
        reference(_PERFORMER, "performed_by", "who did it, the first clinician of several"),
        reference(_ACCOUNT, "get(r.account, 0)", "the account it is on, the first of several"),
    ),
    references=(_PATIENT, _ENCOUNTER, _ORGANIZATION, _PERFORMER, _ACCOUNT),
    dates=("occurrence_start", "entered_date"),
    expected=("code", "patient_id", "encounter_id", "occurrence_start"),
)
