"""Rows as silver hands them over, with every column of their table; amounts as decimals."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from metriccare.tables import feeds, silver

UPDATED = datetime(2024, 6, 1, tzinfo=UTC)


def fhir_row(type_: str, id: str, **values: Any) -> dict[str, Any]:
    """Return a row of a FHIR table; a column that it does not have is a mistake of the test."""
    names = silver.BY_RESOURCE[type_].column_names
    assert set(values) <= set(names), set(values) - set(names)
    row: dict[str, Any] = dict.fromkeys(names)
    return {**row, "id": id, "last_updated": UPDATED, "source_file": "b.json", **values}


def coding(code: str, system: str = "x") -> dict[str, Any]:
    return {"system": system, "code": code, "display": None}


def adjudication(category: str, amount: object = None, *reasons: str) -> dict[str, Any]:
    return {
        "category": category,
        "category_system": None,
        "reason_codes": [{"system": "x", "code": code} for code in reasons],
        "amount": None if amount is None else Decimal(str(amount)),
        "amount_text": None if amount is None else str(amount),
        "currency": "USD",
        "value": None,
    }


def item(sequence: int, net: object = None, **values: Any) -> dict[str, Any]:
    empty = dict.fromkeys(
        (
            *("revenue_code", "procedure_codings", "modifiers", "place_of_service"),
            *("serviced_start", "serviced_end", "quantity", "unit_price", "factor", "net"),
            *("net_text", "currency", "encounter_ids", "care_team_sequences"),
            *("diagnosis_sequences", "adjudications", "note_numbers", "encounter_references"),
        )
    )
    amount = None if net is None else Decimal(str(net))
    return {**empty, "sequence": sequence, "net": amount, "currency": "USD", **values}


def fhir_claim(id: str, created: str, *items: dict[str, Any], **values: Any) -> dict[str, Any]:
    return fhir_row(
        "Claim",
        id,
        **{
            "status": "active",
            "use": "claim",
            "type_code": "professional",
            "created": created,
            "billable_start": "2024-01-10",
            "billable_end": "2024-01-10",
            "provider_id": "H1",
            "insurer_id": "ACME",
            "items": list(items),
            **values,
        },
    )


def response(id: str, claim_id: str, created: str, *items: Any, **values: Any) -> dict[str, Any]:
    return fhir_row(
        "ClaimResponse",
        id,
        **{
            "status": "active",
            "use": "claim",
            "outcome": "complete",
            "request_id": claim_id,
            "created": created,
            "items": list(items),
            **values,
        },
    )


def feed_row(feed: str, **values: Any) -> dict[str, Any]:
    """Return a row of a feed; a column that it does not have is a mistake of the test."""
    names = feeds.BY_FEED[feed].column_names
    assert set(values) <= set(names), set(values) - set(names)
    return {**dict.fromkeys(names), **values}


def feed_claim(id: str, submitted: str, total: object, **values: Any) -> dict[str, Any]:
    sent = {
        "claim_id": id,
        "claim_type": "professional",
        "member_id": "M1",
        "billing_provider_id": "H1",
        "payer_id": "ACME",
        "service_from": date(2024, 1, 10),
        "submitted_date": date.fromisoformat(submitted),
        "total_charge": Decimal(str(total)),
        "currency": "USD",
        "updated_at": UPDATED,
        "source_file": "claims.csv",
        "source_line": 2,
    }
    return feed_row("claims", **{**sent, **values})


def feed_line(claim_id: str, number: int, charge: object, **values: Any) -> dict[str, Any]:
    amount = Decimal(str(charge))
    return feed_row("claim_lines", claim_id=claim_id, line_number=number, charge=amount, **values)


def feed_remit(
    id: str, claim_id: str, number: int | None, on: str, paid: object, **values: Any
) -> dict[str, Any]:
    return feed_row(
        "remits",
        remit_id=id,
        claim_id=claim_id,
        line_number=number,
        remit_date=date.fromisoformat(on),
        paid=Decimal(str(paid)),
        **values,
    )


def feed_adjustment(
    id: str, claim_id: str, number: int | None, position: int, reason: str, amount: object
) -> dict[str, Any]:
    group, carc = reason.split("-")
    return feed_row(
        "remit_adjustments",
        remit_id=id,
        claim_id=claim_id,
        line_number=number,
        position=position,
        group_code=group,
        carc=carc,
        amount=Decimal(str(amount)),
    )
