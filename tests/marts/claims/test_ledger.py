"""Entries, balances and states. Source: claims specification, 1.8 and section 10."""

from __future__ import annotations

from typing import Any

import pytest

from metriccare.marts.claims.ledger import Ledger
from tests.marts.claims.billed import (
    SECOND,
    SELF_PAY,
    claim,
    day,
    event,
    ledger,
    line,
    posted,
    statement,
    transaction,
)

BOTH = pytest.mark.parametrize("answer", [statement, event])


def last(of: Ledger) -> Any:
    assert of.account is not None
    return of.account


STYLES = [
    ("OA-23 85, PR-2 5", 2500, 500),
    ("CO-45 25, OA-23 60, PR-2 5", 2500, 500),
    ("OA-23 85, CO-45 5", 3000, 0),
]


@BOTH
@pytest.mark.parametrize(("taken", "contractual", "share"), STYLES)
def test_secondary_three_styles(taken: str, contractual: int, share: int, answer: Any) -> None:
    of = last(
        ledger(
            claim("C1", "2024-01-15", 100, encounter_ids=("E1",)),
            answer("C1", "2024-02-01", 60, "CO-45 25, PR-2 15", "2024-02-03"),
            claim("C2", "2024-02-10", 100, encounter_ids=("E1",), cover=SECOND),
            answer("C2", "2024-03-01", 10, taken, "2024-03-03"),
        )
    )
    assert of.sums.contractual == contractual
    assert of.sums.patient_share == share
    assert of.balance.balance == share
    assert of.state == ("patient_due" if share else "closed")


@BOTH
def test_a_secondary_not_yet_answered_leaves_the_primary_in_force(answer: Any) -> None:
    of = last(
        ledger(
            claim("C1", "2024-01-15", 100, encounter_ids=("E1",)),
            answer("C1", "2024-02-01", 60, "CO-45 25, PR-2 15", "2024-02-03"),
            claim("C2", "2024-02-10", 100, encounter_ids=("E1",), cover=SECOND),
        )
    )
    assert (of.sums.patient_share, of.balance.balance, of.state) == (1500, 1500, "billed")
    assert of.balance.payer_clock_date == day("2024-02-10")


@BOTH
def test_charges_that_the_primary_has_not_decided_are_no_discount_of_the_secondary(
    answer: Any,
) -> None:
    of = last(
        ledger(
            claim("C1", "2024-01-15", 100, encounter_ids=("E1",), frequency=2),
            answer("C1", "2024-02-01", 60, "CO-45 25, PR-2 15", "2024-02-03"),
            claim("C2", "2024-02-10", 100, encounter_ids=("E1",), cover=SECOND),
            answer("C2", "2024-03-01", 10, "OA-23 85, PR-2 5", "2024-03-03"),
            claim("C3", "2024-03-10", 40, encounter_ids=("E1",), frequency=5, prior_ids=("C1",)),
        )
    )
    assert (of.sums.contractual, of.balance.balance, of.balance.payer_balance) == (2500, 4500, 4000)


def test_a_takeback_reopens_the_account() -> None:
    paid = {"paid": 500, "taken": "CO-45 400, PR-2 100"}
    of = last(
        ledger(
            claim("A1", "2024-01-15", 1000, "2024-01-10"),
            event("A1", "2024-02-05", cash="2024-02-09", **paid),
            event("A1", "2024-02-20", cash="2024-02-20", is_reversal=True, **paid),
        )
    )
    assert (of.balance.balance, of.sums.contractual, of.sums.patient_share) == (100000, 0, 0)


@BOTH
def test_a_denial_outside_the_patients_group_stays_owed_by_the_payer(answer: Any) -> None:
    of = last(ledger(claim("C1", "2024-01-15", 100), answer("C1", "2024-02-01", 0, "CO-50 100")))
    assert (of.state, of.balance.payer_balance, of.denied_open) == ("denied", 10000, 10000)
    written = transaction("T1", "C1", "denial_writeoff", 100, "2024-04-01")
    rows = [claim("C1", "2024-01-15", 100), answer("C1", "2024-02-01", 0, "CO-50 100"), written]
    of = last(ledger(*rows))
    assert (of.state, of.balance.balance, of.denied_open) == ("closed", 0, 0)


@BOTH
def test_a_denial_in_the_patients_group_is_a_denial_and_the_patients_debt(answer: Any) -> None:
    of = ledger(claim("C1", "2024-01-15", 100), answer("C1", "2024-02-01", 0, "PR-96 100"))
    assert last(of).firsts.first_remit_denied
    assert (last(of).state, last(of).balance.patient_balance) == ("patient_due", 10000)
    assert [d.status for d in of.denials] == ["patient_liability"]


def test_a_self_pay_account_is_all_the_patients() -> None:
    sent = claim("C1", "2024-01-15", 100, cover=SELF_PAY)
    of = last(ledger(sent))
    assert (of.state, of.balance.patient_balance, of.balance.payer_balance) == (
        "patient_due",
        10000,
        0,
    )
    assert of.balance.payer_clock_date == day("2024-01-15")
    of = last(ledger(sent, transaction("T1", "C1", "charity", 100, "2024-02-01")))
    assert of.state == "closed"


TRANSACTIONS = [
    # Type, party as sent, change of the balance, change of the patient's balance.
    ("patient_payment", None, -1000, -1000),
    ("patient_payment", "payer", -1000, -1000),
    ("bad_debt", None, -1000, -1000),
    ("charity", None, -1000, -1000),
    ("denial_writeoff", None, -1000, 0),
    ("small_balance", None, -1000, 0),
    ("small_balance", "patient", -1000, -1000),
    ("other_adjustment", None, -1000, 0),
    ("refund", None, 1000, 1000),
    ("refund", "payer", 1000, 0),
]


@pytest.mark.parametrize(("type_", "party", "balance", "patient"), TRANSACTIONS)
def test_transactions(type_: str, party: str | None, balance: int, patient: int) -> None:
    of = last(
        ledger(
            claim("C1", "2024-01-15", 100),
            transaction("T1", "C1", type_, 10, "2024-02-01", party=party),
        )
    )
    assert of.balance.balance == 10000 + balance
    assert of.balance.patient_balance == patient


def test_a_recovery_of_bad_debt_is_a_negative_write_off_and_a_payment() -> None:
    of = last(
        ledger(
            claim("C1", "2024-01-15", 50),
            event("C1", "2024-02-01", 0, "PR-1 50"),
            transaction("T1", "C1", "bad_debt", 50, "2024-03-01"),
            transaction("T2", "C1", "bad_debt", -20, "2024-04-01"),
            transaction("T3", "C1", "patient_payment", 20, "2024-04-01"),
        )
    )
    assert (of.sums.written_off, of.sums.patient_paid, of.state) == (3000, 2000, "closed")


STATES = [
    # The first that applies.
    ([], "billed"),
    ([event("C1", "2024-02-01", answer="pending")], "billed"),
    ([event("C1", "2024-02-01", answer="rejected")], "rejected"),
    ([event("C1", "2024-02-01", 0, "CO-50 100")], "denied"),
    ([event("C1", "2024-02-01", 0, "PR-1 100")], "patient_due"),
    ([event("C1", "2024-02-01", 50, "CO-45 40")], "underway"),
    ([event("C1", "2024-02-01", 100)], "closed"),
    ([event("C1", "2024-02-01", 120)], "credit"),
    ([statement("C1", "2024-02-01", 100)], "underway"),
    (
        [
            event("C1", "2024-02-01", answer="rejected"),
            transaction("T1", "C1", "patient_payment", 101, "2024-03-01"),
        ],
        "credit",
    ),
]


@pytest.mark.parametrize(("rows", "state"), STATES)
def test_states(rows: list[Any], state: str) -> None:
    assert last(ledger(claim("C1", "2024-01-15", 100), *rows)).state == state


def test_the_payers_clock_runs_from_the_newest_submission_until_the_patient_owes() -> None:
    rows = [
        claim("C1", "2024-01-15", 100),
        event("C1", "2024-02-01", 0, "CO-50 100"),
        claim("C2", "2024-02-10", 100, prior_ids=("C1",)),
        event("C2", "2024-03-01", 60, "CO-45 25, PR-2 15", "2024-03-05"),
    ]
    spans = ledger(*rows).spans
    clocks = [(s.from_date.isoformat(), s.balance.payer_clock_date) for s in spans]
    assert clocks == [
        ("2024-01-15", day("2024-01-15")),
        ("2024-02-01", day("2024-01-15")),
        ("2024-02-10", day("2024-02-10")),
        ("2024-03-01", day("2024-02-10")),
        ("2024-03-05", day("2024-03-01")),
    ]
    assert [s.balance.is_adjudicated for s in spans] == [False, True, True, True, True]


def test_a_claim_level_that_is_unexplained_stays_open_with_the_payer() -> None:
    of = ledger(
        claim("C1", "2024-01-15", lines=(line(1, 60), line(2, 40))),
        event("C1", "2024-02-01", 50, "CO-45 40", "2024-02-03"),
    )
    assert (last(of).state, last(of).balance.payer_balance) == ("underway", 1000)
    assert last(of).flags == {"remit_out_of_balance"}


def test_entries_have_keys_of_what_they_come_from() -> None:
    of = ledger(
        claim("C1", "2024-01-15", 100),
        event("C1", "2024-02-01", 60, "CO-45 40", "2024-02-03", id="R1"),
        transaction("T1", "C1", "refund", 5, "2024-04-01"),
    )
    assert [e.id for e in of.entries] == [
        "charge|C1|submitted|",
        "contractual|C1|answered|R1",
        "payer_payment|C1|R1|2024-02-03",
        "refund|T1",
    ]
    assert [e.remit_id for e in of.entries] == [None, "R1", "R1", None]
    assert posted(of)[-1] == ("refund", "2024-04-01", 500)
