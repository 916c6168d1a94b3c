"""PaymentReconciliation: one check or transfer, and the answers it pays.

Source: FHIR R4 PaymentReconciliation (R5: `date`, `amount`, `allocation`).
"""

from metriccare.sources.fhir.date_elements import date_time
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_MONEY,
    SHAPE_REFERENCE,
    ArrayReference,
    Field,
    Reference,
    Resource,
)
from metriccare.sources.fhir.elements import amount, fields, text
from metriccare.sources.fhir.reference_elements import (
    literal_id,
    named_type,
    reference,
    reference_id,
    reference_text,
)
from metriccare.sources.fhir.resources.adjudication import code_of
from metriccare.sources.fhir.structs import Struct, decimal_number, words

_ISSUER = Reference("payment_issuer", "Organization")
# The standard allows any type; what payers send is one of these.
_REQUEST = ArrayReference(
    "details",
    "request",
    "Claim",
    also=("ExplanationOfBenefit", "Account", "ChargeItem", "Encounter", "Invoice", "Contract"),
)
_RESPONSE = ArrayReference("details", "response", "ClaimResponse", also=("ExplanationOfBenefit",))
_ANSWER = "(?:ClaimResponse|ExplanationOfBenefit)"
_PAID = f"response:{SHAPE_REFERENCE},date:STRING,amount:{SHAPE_MONEY}"


def _detail(request: str) -> Struct:
    """Return what is read of one detail, whose claim is the element `request`."""
    return Struct(
        "d",
        (
            words("type", code_of("d.type")),
            words("request_id", reference_id(request, "Claim")),
            words("request_reference", reference_text(request, "Claim")),
            # An answer of either type has an id here.
            words("response_id", literal_id("d.response.reference", _ANSWER)),
            words("response_reference", reference_text("d.response", "ClaimResponse")),
            decimal_number("amount", "d.amount.value"),
            words("currency", "d.amount.currency"),
            words("date", "d.date"),
            words("amount_text", "d.amount.value"),
            words("response_type", named_type("d.response.reference")),
        ),
    )


_R4 = _detail("d.request")

PAYMENT_RECONCILIATION = Resource(
    type="PaymentReconciliation",
    table="payment_reconciliation",
    meaning="one row per payment of a payer, with the answers it pays",
    shape=(
        "status STRING, outcome STRING, disposition STRING, created STRING, paymentDate STRING,"
        f" date STRING, paymentAmount {SHAPE_MONEY}, amount {SHAPE_MONEY},"
        f" paymentIdentifier STRUCT<value:STRING>, paymentIssuer {SHAPE_REFERENCE},"
        f" detail ARRAY<STRUCT<type:{SHAPE_CONCEPT},request:{SHAPE_REFERENCE},{_PAID}>>,"
        f" allocation ARRAY<STRUCT<type:{SHAPE_CONCEPT},target:{SHAPE_REFERENCE},{_PAID}>>"
    ),
    fields=fields(
        text("status", "r.status", "active, cancelled, draft, entered-in-error"),
        text("outcome", "r.outcome", "queued, complete, error or partial"),
        date_time("created", "r.created", "when it was made"),
        date_time("payment_date", "coalesce(r.paymentDate, r.date)", "when the money was sent"),
        amount(
            "payment_amount",
            "coalesce(r.paymentAmount.value, r.amount.value)",
            "amount of the payment",
        ),
        text(
            "payment_currency",
            "coalesce(r.paymentAmount.currency, r.amount.currency)",
            "currency of the payment (ISO 4217)",
        ),
        text("payment_identifier", "r.paymentIdentifier.value", "number of the check or transfer"),
        reference(_ISSUER, "r.paymentIssuer", "the payer"),
        (
            Field(
                "details",
                _R4.type,
                f"coalesce({_R4.read('r.detail')}, {_detail('d.target').read('r.allocation')})",
                "the claims and answers it pays, FHIR dates as text",
            ),
        ),
    ),
    references=(_ISSUER,),
    array_references=(_REQUEST, _RESPONSE),
    dates=("created", "payment_date"),
    expected=("created", "payment_date", "payment_amount", "details"),
)
