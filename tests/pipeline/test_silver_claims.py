"""Silver of claims, answers and payments: lines, amounts, who took part, what belongs together."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from metriccare.settings import Lake
from tests.loader import Loader

NPI = "http://hl7.org/fhir/sid/us-npi"
_BY_NPI = {"reference": f"Practitioner?identifier={NPI}|1234567893"}


def code(value: str, system: str | None = None) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": value}]}


def usd(value: float) -> dict[str, Any]:
    return {"value": value, "currency": "USD"}


CLINICIAN = {
    "resourceType": "Practitioner",
    "id": "d",
    "identifier": [
        {"system": NPI, "value": "1234567893"},
        {"value": "99-1", "type": code("TAX")},
    ],
    "qualification": [{"code": code("207R00000X", "http://nucc.org/provider-taxonomy")}, {}],
}
CLAIM = {
    "resourceType": "Claim",
    "id": "c",
    "identifier": [{"value": "ACC-1", "type": code("AN")}],
    "patient": {"reference": "Patient/p"},
    "provider": _BY_NPI,
    "related": [{"claim": {"reference": "Claim/old"}, "relationship": code("prior")}],
    "careTeam": [
        {"sequence": 1, "provider": _BY_NPI, "role": code("attending"), "responsible": True},
        {"sequence": 2, "provider": {"reference": "PractitionerRole/r"}},
    ],
    "supportingInfo": [{"sequence": 1, "category": code("typeofbill"), "code": code("0131")}],
    "insurance": [{"sequence": 1, "focal": True, "coverage": {"reference": "Coverage/v"}}],
    "item": [
        {
            "sequence": 1,
            "revenue": code("0450"),
            "productOrService": code("99284"),
            "modifier": [code("25"), code("LT")],
            "servicedPeriod": {"start": "2024-01-01", "end": "2024-01-02"},
            "locationCodeableConcept": code("23"),
            "quantity": {"value": 2},
            "unitPrice": usd(54.4),
            "net": usd(108.80000000000001),
            "encounter": [{"reference": "Encounter/e"}],
            "careTeamSequence": [1],
        }
    ],
}
ANSWER = {
    "resourceType": "ClaimResponse",
    "id": "a",
    "patient": {"reference": "Patient/p"},
    "request": {"reference": "Claim/c"},
    "item": [
        {
            "itemSequence": 1,
            "adjudication": [
                {"category": code("noncovered"), "reason": code("197", "carc"), "amount": usd(9)}
            ],
        }
    ],
    "payment": {"amount": usd(99.8), "date": "2024-02-03", "identifier": {"value": "CHK"}},
}
EXPLANATION = {
    "resourceType": "ExplanationOfBenefit",
    "id": "x",
    "patient": {"reference": "Patient/p"},
    "claim": {"reference": "Claim/c"},
    "claimResponse": {"reference": "ClaimResponse/a"},
}
PAYMENT = {
    "resourceType": "PaymentReconciliation",
    "id": "check",
    "paymentDate": "2024-02-03",
    "paymentAmount": usd(99.8),
    "detail": [{"response": {"reference": "ClaimResponse/a"}, "amount": usd(99.8)}],
}
CHARGE = {
    "resourceType": "ChargeItem",
    "id": "h",
    "subject": {"reference": "Patient/p"},
    "context": {"reference": "Encounter/e"},
    "code": code("99284"),
    "enteredDate": "2024-01-05",
    "quantity": {"value": 2},
    "priceOverride": usd(54.40),
}


@pytest.fixture(scope="module")
def billed(engine_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Loader:
    folder = tmp_path_factory.mktemp("billed")
    made = Loader(engine_kind, Lake(str(folder / "lake")), folder)
    made.load([CLINICIAN, CLAIM, ANSWER, EXPLANATION, PAYMENT, CHARGE])
    return made


def only(loader: Loader, table: str, *columns: str) -> tuple[Any, ...]:
    (row,) = loader.rows(f"silver.{table}", *columns)
    return row


def test_a_line_has_its_codes_dates_and_amounts(billed: Loader):
    ((line,),) = only(billed, "claim", "items")
    assert (line["sequence"], line["revenue_code"], line["place_of_service"]) == (1, "0450", "23")
    assert [coding["code"] for coding in line["procedure_codings"]] == ["99284"]
    assert line["modifiers"] == ["25", "LT"]
    assert (line["serviced_start"], line["serviced_end"]) == ("2024-01-01", "2024-01-02")
    assert (line["quantity"], line["unit_price"]) == (Decimal(2), Decimal("54.4"))
    assert (line["net"], line["net_text"]) == (Decimal("108.8"), "108.80000000000001")
    assert (line["encounter_ids"], line["care_team_sequences"]) == (["e"], [1])


def test_who_took_part_is_found_by_number_and_keeps_its_type(billed: Loader):
    team, person = only(billed, "claim", "care_team", "provider_person_id")
    assert [(m["provider_id"], m["provider_type"], m["role"]) for m in team] == [
        ("d", "Practitioner", "attending"),
        ("r", "PractitionerRole", None),
    ]
    assert person == "d"


def test_what_belongs_together_is_named(billed: Loader):
    related, covers, numbers = only(billed, "claim", "related", "insurance", "typed_identifiers")
    assert [(r["claim_id"], r["relationship"]) for r in related] == [("old", "prior")]
    assert [(c["coverage_id"], c["focal"]) for c in covers] == [("v", True)]
    assert numbers == [{"system": None, "value": "ACC-1", "type": "AN"}]
    assert only(billed, "explanation_of_benefit", "claim_response_id") == ("a",)
    ((detail,),) = only(billed, "payment_reconciliation", "details")
    assert (detail["response_id"], detail["amount"]) == ("a", Decimal("99.8"))


def test_an_answer_has_its_reasons_and_its_payment(billed: Loader):
    columns = ("items", "payment_amount", "payment_date", "payment_identifier")
    (line,), *payment = only(billed, "claim_response", *columns)
    (decided,) = line["adjudications"]
    assert (line["sequence"], decided["category"]) == (1, "noncovered")
    assert (decided["amount"], decided["currency"]) == (Decimal(9), "USD")
    assert decided["reason_codes"] == [{"system": "carc", "code": "197"}]
    assert payment == [Decimal("99.8"), "2024-02-03", "CHK"]


def test_charges_and_numbers_of_clinicians_are_read(billed: Loader):
    columns = ("encounter_id", "entered_date", "quantity", "price_override")
    assert only(billed, "charge_item", *columns) == ("e", "2024-01-05", Decimal(2), Decimal("54.4"))
    npi, tax_id, codings = only(billed, "practitioner", "npi", "tax_id", "qualification_codings")
    assert (npi, tax_id, [c["code"] for c in codings]) == ("1234567893", "99-1", ["207R00000X"])
