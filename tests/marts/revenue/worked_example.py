"""The seven accounts of the worked example. Source: claims specification, section 10."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.marts.revenue.ledgers import Entry, Ledger

AS_OF = date(2024, 6, 30)


def day(month: int, number: int) -> date:
    return date(2024, month, number)


def _columns(service: date, billed: date, **more: Any) -> dict[str, Any]:
    return {
        "facility_id": "F",
        "payer": "commercial",
        "payer_id": "P",
        "provider_id": "npi:1",
        "specialty": "207Q00000X",
        "claim_type": "professional",
        "service_from": service,
        "service_to": service,
        "first_billed_date": billed,
        "first_answer": "adjudicated",
        "first_answer_denied": False,
        "n_submissions": 1,
        "resubmitted": False,
        "later_remit": False,
        "newest_answer": "adjudicated",
        **more,
    }


def _remit(remit: date, charge: int, denied: int = 0) -> dict[str, Any]:
    """The first remit of one line."""
    return {
        "first_remit_date": remit,
        "first_remit_denied": denied > 0,
        "first_answer_denied": denied > 0,
        "first_remit_lines": 1,
        "first_remit_denied_lines": 1 if denied else 0,
        "first_remit_charge": charge,
        "first_remit_denied_amount": denied,
        "newest_remit_denied": denied > 0,
        "answer_in_force_denied": denied > 0,
    }


A1 = Ledger(
    "A1",
    _columns(
        day(1, 10),
        day(1, 15),
        **_remit(day(2, 5), 1000),
        state="closed",
        first_payment_date=day(2, 9),
        first_patient_share_date=day(2, 5),
    ),
    (
        Entry("charge", "1000", day(1, 15)),
        Entry("contractual", "400", day(2, 5)),
        Entry("patient_share", "100", day(2, 5)),
        Entry("payer_payment", "500", day(2, 9)),
        Entry("patient_payment", "50", day(3, 1), point_of_service=False),
        Entry("bad_debt", "50", day(5, 20)),
    ),
    adjudicated_from=day(2, 5),
    clocks=((day(1, 15), day(1, 15)), (day(2, 9), day(2, 5))),
)
A2 = Ledger(
    "A2",
    {
        **_columns(day(1, 12), day(1, 16), **_remit(day(2, 10), 800, 800)),
        "state": "closed",
        "first_payment_date": day(3, 29),
        "n_submissions": 2,
        "resubmitted": True,
        "later_remit": True,
        "newest_remit_denied": False,
        "answer_in_force_denied": False,
    },
    (
        Entry("charge", "800", day(1, 16)),
        Entry("contractual", "300", day(3, 25)),
        Entry("payer_payment", "500", day(3, 29)),
    ),
    adjudicated_from=day(2, 10),
    clocks=((day(1, 16), day(1, 16)), (day(3, 1), day(3, 1))),
)
A3 = Ledger(
    "A3",
    {**_columns(day(1, 20), day(1, 22), **_remit(day(2, 20), 600, 600)), "state": "closed"},
    (
        Entry("charge", "600", day(1, 22)),
        Entry("denial_writeoff", "600", day(5, 1)),
    ),
    adjudicated_from=day(2, 20),
    clocks=((day(1, 22), day(1, 22)),),
)
A4 = Ledger(
    "A4",
    {
        **_columns(day(2, 3), day(2, 8), **_remit(day(3, 10), 500)),
        "state": "patient_due",
        "first_answer": "rejected",
        "n_submissions": 2,
        "first_patient_share_date": day(3, 10),
    },
    (
        Entry("charge", "500", day(2, 8)),
        Entry("contractual", "100", day(3, 10)),
        Entry("patient_share", "400", day(3, 10)),
    ),
    adjudicated_from=day(3, 10),
    clocks=((day(2, 8), day(2, 8)), (day(2, 12), day(2, 12)), (day(3, 10), day(3, 10))),
)
A5 = Ledger(
    "A5",
    _columns(day(3, 5), day(3, 20), state="billed", first_answer="none", newest_answer="none"),
    (Entry("charge", "2000", day(3, 20)),),
    clocks=((day(3, 20), day(3, 20)),),
)
A6 = Ledger(
    "A6",
    _columns(
        day(5, 28), day(6, 3), state="billed", first_answer="pending", newest_answer="pending"
    ),
    (Entry("charge", "500", day(6, 3)),),
    clocks=((day(6, 3), day(6, 3)),),
)
A7 = Ledger(
    "A7",
    _columns(
        day(4, 2),
        day(4, 5),
        **_remit(day(4, 25), 300),
        state="credit",
        first_payment_date=day(4, 28),
        first_patient_share_date=day(4, 25),
    ),
    (
        Entry("patient_payment", "20", day(4, 2), point_of_service=True),
        Entry("charge", "300", day(4, 5)),
        Entry("contractual", "80", day(4, 25)),
        Entry("patient_share", "20", day(4, 25)),
        Entry("payer_payment", "200", day(4, 28)),
        Entry("patient_payment", "20", day(5, 2)),
    ),
    adjudicated_from=day(4, 25),
    clocks=((day(4, 5), day(4, 5)), (day(4, 28), day(4, 25))),
)
ACCOUNTS = (A1, A2, A3, A4, A5, A6, A7)


def _denial(ledger: Ledger, carc: str, category: str, **more: Any) -> dict[str, Any]:
    columns = ledger.columns
    return {
        **ledger.base,
        "denial_id": f"denial of {ledger.account_id}",
        "claim_id": ledger.account_id,
        "remit_id": f"remit of {ledger.account_id}",
        "line_number": 1,
        "group_code": "CO",
        "carc": carc,
        "category": category,
        "amount": columns["first_remit_denied_amount"],
        "denial_date": columns["first_remit_date"],
        "is_initial": True,
        "is_leading": True,
        **more,
    }


DENIALS = (
    _denial(
        A2,
        "197",
        "authorization",
        status="overturned",
        resolved_date=day(3, 25),
        days_to_resolution=44,
        recovered_amount=500,
    ),
    _denial(
        A3,
        "50",
        "medical_necessity",
        status="written_off",
        resolved_date=day(5, 1),
        days_to_resolution=71,
        recovered_amount=0,
    ),
)
REMITS = tuple(
    {
        "tenant": "a",
        "remit_id": f"{account} {when}",
        "claim_id": account,
        "account_id": account,
        "person_id": f"person of {account}",
        "level": 1,
        "answer": answer,
        "remit_date": when,
    }
    for account, when, answer in (
        ("A1", day(2, 5), "adjudicated"),
        ("A2", day(2, 10), "adjudicated"),
        ("A2", day(3, 25), "adjudicated"),
        ("A3", day(2, 20), "adjudicated"),
        ("A4", day(2, 9), "rejected"),
        ("A4", day(3, 10), "adjudicated"),
        ("A7", day(4, 25), "adjudicated"),
    )
)
