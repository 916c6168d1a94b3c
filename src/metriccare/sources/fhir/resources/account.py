"""Account and Invoice: kept for whoever asks; no rule reads them. Source: FHIR R4 and R5."""

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

_OF_ACCOUNT = Reference(
    "patient",
    "Patient",
    also=(
        *("Device", "Practitioner", "PractitionerRole", "Location", "HealthcareService"),
        "Organization",
    ),
)
_OWNER = Reference("owner", "Organization")
_OF_INVOICE = Reference("patient", "Patient", also=("Group",))
_ISSUER = Reference("issuer", "Organization")
_ACCOUNT = Reference("account", "Account")
# An account may be of several: whose record it is, is the first patient.
_IS_PATIENT = "s.reference rlike '(^|/)Patient[/?]' or s.type rlike '(^|/)Patient$'"
_SUBJECT = f"coalesce({first_where('r.subject', 's', _IS_PATIENT)}, get(r.subject, 0))"

ACCOUNT = Resource(
    type="Account",
    table="account",
    meaning="one row per account a patient's charges are put on",
    shape=(
        f"status STRING, type {SHAPE_CONCEPT}, name STRING, subject ARRAY<{SHAPE_REFERENCE}>,"
        f" servicePeriod {SHAPE_PERIOD}, owner {SHAPE_REFERENCE}"
    ),
    fields=fields(
        text("status", "r.status", "active, inactive, entered-in-error, on-hold, unknown"),
        concept("type", "r.type", "kind of account"),
        text("name", "r.name", "name, which may be the patient's", identifying=True),
        (shared("account_of", _SUBJECT),),
        reference(_OF_ACCOUNT, "account_of", "the patient, the first of several"),
        reference(_OWNER, "r.owner", "the organisation that keeps it"),
        date_time("service_start", "r.servicePeriod.start", "first day of its services"),
        date_time("service_end", "r.servicePeriod.end", "last day of its services"),
    ),
    references=(_OF_ACCOUNT, _OWNER),
    dates=("service_start", "service_end"),
    expected=("status", "patient_id"),
)

INVOICE = Resource(
    type="Invoice",
    table="invoice",
    meaning="one row per invoice",
    shape=(
        f"status STRING, type {SHAPE_CONCEPT}, subject {SHAPE_REFERENCE}, date STRING,"
        f" creation STRING, issuer {SHAPE_REFERENCE}, account {SHAPE_REFERENCE},"
        f" totalNet {SHAPE_MONEY}, totalGross {SHAPE_MONEY}"
    ),
    fields=fields(
        text("status", "r.status", "draft, issued, balanced, cancelled, entered-in-error"),
        concept("type", "r.type", "kind of invoice"),
        reference(_OF_INVOICE, "r.subject", "the patient"),
        reference(_ISSUER, "r.issuer", "the organisation that sends it"),
        reference(_ACCOUNT, "r.account", "the account it is on"),
        # R5 renamed `date`.
        date_time("date", "coalesce(r.date, r.creation)", "when it was made"),
        amount("total_net", "r.totalNet.value", "total without tax"),
        text("total_net_currency", "r.totalNet.currency", "currency of the net total (ISO 4217)"),
        amount("total_gross", "r.totalGross.value", "total with tax"),
        text(
            "total_gross_currency",
            "r.totalGross.currency",
            "currency of the gross total (ISO 4217)",
        ),
    ),
    references=(_OF_INVOICE, _ISSUER, _ACCOUNT),
    dates=("date",),
    expected=("status", "patient_id", "date", "total_net"),
)
