"""The worked example of the claims specification, section 10, in both forms of answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from metriccare.marts.claims.compute import compute
from metriccare.marts.claims.rows import rows_of
from tests.marts.claims.billed import (
    claim,
    day,
    event,
    history,
    ledger,
    posted,
    result,
    statement,
    transaction,
)

AnswerOf = Callable[..., Any]
FORMS = pytest.mark.parametrize("answer", [statement, event])


def accounts(answer: AnswerOf) -> dict[str, list[Any]]:
    return {
        "A1": [
            claim("A1", "2024-01-15", 1000, "2024-01-10"),
            answer("A1", "2024-02-05", 500, "CO-45 400, PR-2 100", "2024-02-09"),
            transaction("T1", "A1", "patient_payment", 50, "2024-03-01"),
            transaction("T2", "A1", "bad_debt", 50, "2024-05-20"),
        ],
        "A2": [
            claim("A2", "2024-01-16", 800, "2024-01-12"),
            claim("A2b", "2024-03-01", 800, "2024-01-12", frequency=7, prior_ids=("A2",)),
            answer("A2", "2024-02-10", 0, "CO-197 800"),
            answer("A2b", "2024-03-25", 500, "CO-45 300", "2024-03-29"),
        ],
        "A3": [
            claim("A3", "2024-01-22", 600, "2024-01-20"),
            answer("A3", "2024-02-20", 0, "CO-50 600"),
            transaction("T3", "A3", "denial_writeoff", 600, "2024-05-01"),
        ],
        "A4": [
            claim("A4", "2024-02-08", 500, "2024-02-03"),
            claim("A4b", "2024-02-12", 500, "2024-02-03", frequency=7, prior_ids=("A4",)),
            answer("A4", "2024-02-09", answer="rejected"),
            answer("A4b", "2024-03-10", 0, "CO-45 100, PR-1 400"),
        ],
        "A5": [claim("A5", "2024-03-20", 2000, "2024-03-05")],
        "A6": [
            claim("A6", "2024-06-03", 500, "2024-05-28"),
            answer("A6", "2024-06-05", answer="pending"),
        ],
        "A7": [
            claim("A7", "2024-04-05", 300, "2024-04-02"),
            transaction("T4", "A7", "patient_payment", 20, "2024-04-02", point_of_service=True),
            answer("A7", "2024-04-25", 200, "CO-45 80, PR-3 20", "2024-04-28"),
            transaction("T5", "A7", "patient_payment", 20, "2024-05-02"),
        ],
    }


ENTRIES = {
    "A1": [
        ("charge", "2024-01-15", 100000),
        ("contractual", "2024-02-05", 40000),
        ("patient_share", "2024-02-05", 10000),
        ("payer_payment", "2024-02-09", 50000),
        ("patient_payment", "2024-03-01", 5000),
        ("bad_debt", "2024-05-20", 5000),
    ],
    "A2": [
        ("charge", "2024-01-16", 80000),
        ("contractual", "2024-03-25", 30000),
        ("payer_payment", "2024-03-29", 50000),
    ],
    "A3": [("charge", "2024-01-22", 60000), ("denial_writeoff", "2024-05-01", 60000)],
    "A4": [
        ("charge", "2024-02-08", 50000),
        ("contractual", "2024-03-10", 10000),
        ("patient_share", "2024-03-10", 40000),
    ],
    "A5": [("charge", "2024-03-20", 200000)],
    "A6": [("charge", "2024-06-03", 50000)],
    "A7": [
        ("patient_payment", "2024-04-02", 2000),
        ("charge", "2024-04-05", 30000),
        ("contractual", "2024-04-25", 8000),
        ("patient_share", "2024-04-25", 2000),
        ("payer_payment", "2024-04-28", 20000),
        ("patient_payment", "2024-05-02", 2000),
    ],
}
STATES = {
    "A1": ("closed", 0, "2024-02-05"),
    "A2": ("closed", 0, "2024-03-01"),
    "A3": ("closed", 0, "2024-01-22"),
    "A4": ("patient_due", 40000, "2024-03-10"),
    "A5": ("billed", 200000, "2024-03-20"),
    "A6": ("billed", 50000, "2024-06-03"),
    "A7": ("credit", -2000, "2024-04-25"),
}
# Status, resolved, days, recovered, initial, leading.
DENIALS = {
    "A2": [("overturned", "2024-03-25", 44, 50000, True, True, "authorization", 80000)],
    "A3": [("written_off", "2024-05-01", 71, 0, True, True, "medical_necessity", 60000)],
}


@FORMS
@pytest.mark.parametrize("account", ENTRIES)
def test_entries(account: str, answer: AnswerOf) -> None:
    assert posted(ledger(*accounts(answer)[account])) == ENTRIES[account]


@FORMS
@pytest.mark.parametrize("account", STATES)
def test_states_and_balances(account: str, answer: AnswerOf) -> None:
    of = ledger(*accounts(answer)[account]).account
    assert of is not None
    clock = of.balance.payer_clock_date
    assert (of.state, of.balance.balance, clock and clock.isoformat()) == STATES[account]


@FORMS
@pytest.mark.parametrize("account", ENTRIES)
def test_denials(account: str, answer: AnswerOf) -> None:
    found = [
        (
            d.status,
            d.resolved_date and d.resolved_date.isoformat(),
            d.days_to_resolution,
            d.recovered_amount,
            d.is_initial,
            d.is_leading,
            d.adjustment.category,
            d.adjustment.amount,
        )
        for d in ledger(*accounts(answer)[account]).denials
    ]
    assert found == DENIALS.get(account, [])


@FORMS
def test_sums_over_all_accounts(answer: AnswerOf) -> None:
    rows = [row for of in accounts(answer).values() for row in of]
    sums = [of.account.sums for of in result(*rows).ledgers if of.account]
    assert sum(s.charge for s in sums) == 570000
    assert sum(s.payer_paid + s.patient_paid - s.refunded for s in sums) == 129000
    assert sum(s.contractual for s in sums) == 88000
    assert sum(s.written_off for s in sums) == 65000


@FORMS
def test_receivables_at_the_end_of_march(answer: AnswerOf) -> None:
    rows = [row for of in accounts(answer).values() for row in of]
    march = day("2024-03-31")
    at_as_of = result(*rows, as_of=march).ledgers
    assert sum(max(0, of.account.balance.balance) for of in at_as_of if of.account) == 305000
    # The spans of a later day say the same of that evening.
    spans = [span for of in result(*rows).ledgers for span in of.spans]
    that_evening = [
        s for s in spans if s.from_date <= march and (s.to_date is None or march < s.to_date)
    ]
    assert sum(max(0, s.balance.balance) for s in that_evening) == 305000


@FORMS
def test_what_came_first(answer: AnswerOf) -> None:
    firsts = {
        id_: (of.firsts.first_answer, of.firsts.first_remit_denied, of.firsts.n_submissions)
        for id_, rows in accounts(answer).items()
        if (of := ledger(*rows).account)
    }
    assert firsts == {
        "A1": ("adjudicated", False, 1),
        "A2": ("adjudicated", True, 2),
        "A3": ("adjudicated", True, 1),
        "A4": ("rejected", False, 2),
        "A5": ("none", None, 1),
        "A6": ("pending", None, 1),
        "A7": ("adjudicated", False, 1),
    }


@FORMS
def test_rows_hold_what_tables_declare(answer: AnswerOf) -> None:
    rows = [row for of in accounts(answer).values() for row in of]
    made = rows_of(compute(history(*rows)))
    assert len(made["account"]) == 7
    assert {row["person_id"] for table in made.values() for row in table} == {"P1"}
