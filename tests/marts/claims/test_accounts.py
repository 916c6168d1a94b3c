"""Which claims belong to one account, and what is in force. Source: specification, 1.6."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from metriccare.marts.claims.history import SentClaim, Source
from metriccare.marts.claims.identity import ProviderRef
from metriccare.marts.claims.ledger import Ledger
from tests.marts.claims.billed import (
    SECOND,
    claim,
    day,
    event,
    ledger,
    posted,
    result,
    statement,
    transaction,
)

OTHER = ProviderRef("feed", "H2")


def accounts(*rows: Any) -> dict[str, set[str]]:
    return {of.account_id: {c.claim.id for c in of.claims} for of in result(*rows).ledgers}


def in_force(of: Ledger) -> set[str]:
    return {c.claim.id for c in of.claims if c.in_force}


def test_a_claim_that_names_another_is_of_its_account() -> None:
    one, two = claim("C2", "2024-01-15", 100), claim("C1", "2024-02-15", 100, prior_ids=("C2",))
    assert accounts(one, two) == {"C1": {"C1", "C2"}}
    assert len(accounts(one, replace(two, billing=OTHER))) == 2


def test_links_are_followed_and_circles_end() -> None:
    rows = [
        claim("C1", "2024-01-15", 100, prior_ids=("C3",)),
        claim("C2", "2024-01-16", 100, prior_ids=("C1",)),
        claim("C3", "2024-01-17", 100, prior_ids=("C2",)),
        claim("C4", "2024-01-18", 100, prior_ids=("C4",)),
    ]
    assert accounts(*rows) == {"C1": {"C1", "C2", "C3"}, "C4": {"C4"}}


def test_one_account_number_needs_a_common_day_of_service() -> None:
    def numbered(id: str, first: str, last: str) -> SentClaim:
        from metriccare.marts.stays.partial_date import partial_date

        sent = claim(id, "2024-03-01", 100, first, account_number="A1")
        return replace(sent, service_to=partial_date(last))

    first, second = numbered("C1", "2024-01-01", "2024-01-05"), "2024-01-05"
    assert len(accounts(first, numbered("C2", second, "2024-01-09"))) == 1
    assert len(accounts(first, numbered("C2", "2024-01-06", "2024-01-09"))) == 2
    # The first and the third meet in the second.
    chain = [
        first,
        numbered("C2", second, "2024-01-09"),
        numbered("C3", "2024-01-09", "2024-02-01"),
    ]
    assert len(accounts(*chain)) == 1


def test_a_later_payers_claim_for_the_same_encounters_is_of_the_account() -> None:
    one = claim("C1", "2024-01-15", 100, encounter_ids=("E1",))
    two = claim("C2", "2024-02-15", 100, encounter_ids=("E1",), cover=SECOND)
    assert accounts(one, two) == {"C1": {"C1", "C2"}}
    assert len(accounts(one, replace(two, claim_type="institutional"))) == 2
    assert len(accounts(one, replace(two, encounter_ids=("E1", "E2")))) == 2
    # Two primary claims of one visit may be two services.
    assert len(accounts(one, replace(two, cover=one.cover))) == 2
    assert len(accounts(replace(one, encounter_ids=()), replace(two, encounter_ids=()))) == 2


def test_without_a_primary_claim_the_lowest_level_acts_as_one() -> None:
    of = ledger(claim("C1", "2024-01-15", 100, cover=SECOND))
    assert of.claims[0].level == 1
    assert posted(of) == [("charge", "2024-01-15", 10000)]


CHAINS = [
    # Frequencies with the claim each names, then what is in force and the account's charge.
    ([(1, None), (7, None)], {"C2"}, 2000),
    ([(1, None), (1, None)], {"C2"}, 2000),
    ([(2, None), (3, None), (4, None)], {"C1", "C2", "C3"}, 6000),
    ([(1, None), (5, None)], {"C1", "C2"}, 3000),
    ([(1, None), (5, None), (7, None)], {"C3"}, 3000),
    ([(1, None), (8, None)], set(), 0),
    ([(2, None), (3, None), (8, "C1")], {"C2"}, 2000),
    ([(2, None), (3, None), (8, None)], set(), 0),
    ([(1, None), (7, None), (8, "C1")], {"C2"}, 2000),
    ([(1, None), (8, None), (1, None)], {"C3"}, 3000),
]


@pytest.mark.parametrize(("chain", "expected", "charge"), CHAINS)
def test_what_is_in_force(
    chain: list[tuple[int, str | None]], expected: set[str], charge: int
) -> None:
    rows = [
        claim(
            f"C{n}",
            f"2024-01-{10 + n}",
            10 * n,
            frequency=code,
            prior_ids=(named,) if named else (),
            account_number="A1",
            service="2024-01-01",
        )
        for n, (code, named) in enumerate(chain, 1)
    ]
    of = ledger(*rows)
    assert in_force(of) == expected
    assert of.account is not None
    assert of.account.sums.charge == charge
    assert (of.account.state == "void") is (not expected)


def test_the_change_of_what_is_in_force_posts_on_the_day_of_the_submission() -> None:
    of = ledger(
        claim("C1", "2024-01-15", 1000),
        claim("C2", "2024-02-15", 1200, prior_ids=("C1",)),
        claim("C3", "2024-03-15", 0, prior_ids=("C2",), frequency=8),
    )
    assert posted(of) == [
        ("charge", "2024-01-15", 100000),
        ("charge", "2024-02-15", 20000),
        ("charge", "2024-03-15", -120000),
    ]


def test_on_one_day_what_names_another_comes_after_it() -> None:
    of = ledger(
        claim("B", "2024-01-15", 100),
        claim("A", "2024-01-15", 200, prior_ids=("B",)),
    )
    assert in_force(of) == {"A"}
    assert {c.claim.id: c.submission_no for c in of.claims} == {"B": 1, "A": 2}


def test_a_long_chain_of_one_day_is_walked_from_its_beginning() -> None:
    rows = [claim("C0", "2024-01-15", 1)]
    rows += [claim(f"C{n}", "2024-01-15", 1 + n, prior_ids=(f"C{n - 1}",)) for n in range(1, 300)]
    of = ledger(*rows, statement("C299", "2024-02-01", 300, cash="2024-02-02"))
    assert in_force(of) == {"C299"}
    assert of.account is not None
    assert (of.account.sums.charge, of.account.state) == (30000, "closed")


def cancelled(id: str, submitted: str, charge: object, on: str, **columns: Any) -> SentClaim:
    updated = datetime.fromisoformat(f"{on}T18:00:00").replace(tzinfo=UTC)
    source = Source("f", 1, "fhir", updated)
    return claim(id, submitted, charge, status="cancelled", source=source, **columns)


def test_a_cancelled_claim_is_void_from_its_last_update() -> None:
    sent = cancelled("C1", "2024-01-15", 100, "2024-03-01")
    assert posted(ledger(sent)) == [
        ("charge", "2024-01-15", 10000),
        ("charge", "2024-03-01", -10000),
    ]
    before = ledger(sent, as_of=day("2024-02-29")).account
    assert before is not None
    assert (before.state, before.balance.balance) == ("billed", 10000)


def test_a_cancelled_claim_that_was_replaced_leaves_the_account_as_it_is() -> None:
    of = ledger(
        cancelled("C1", "2024-01-15", 100, "2024-02-16"),
        claim("C2", "2024-02-15", 100, prior_ids=("C1",)),
        statement("C2", "2024-03-01", 80, "CO-45 20", "2024-03-02"),
    )
    assert of.account is not None
    assert of.account.state == "closed"


@pytest.mark.parametrize("answer", [statement, event])
def test_a_replaced_submission_keeps_its_answer_until_the_replacement_has_one(answer: Any) -> None:
    rows = [
        claim("C1", "2024-01-15", 100),
        answer("C1", "2024-02-01", 0, "CO-45 30, PR-1 70"),
        claim("C2", "2024-02-10", 100, prior_ids=("C1",)),
        answer("C2", "2024-03-01", 60, "CO-45 40", "2024-03-05"),
    ]
    assert posted(ledger(*rows)) == [
        ("charge", "2024-01-15", 10000),
        ("contractual", "2024-02-01", 3000),
        ("patient_share", "2024-02-01", 7000),
        ("contractual", "2024-03-01", 1000),
        ("patient_share", "2024-03-01", -7000),
        ("payer_payment", "2024-03-05", 6000),
    ]


def test_a_fhir_payment_of_a_replaced_submission_is_taken_back_and_a_feeds_is_not() -> None:
    def rows(answer: Any) -> list[Any]:
        return [
            claim("C1", "2024-01-15", 100),
            answer("C1", "2024-02-01", 50, "CO-45 50", "2024-02-03"),
            claim("C2", "2024-02-10", 100, prior_ids=("C1",)),
            answer("C2", "2024-03-01", 60, "CO-45 40", "2024-03-05"),
        ]

    payments = [e for e in posted(ledger(*rows(statement))) if e[0] == "payer_payment"]
    assert payments == [
        ("payer_payment", "2024-02-03", 5000),
        ("payer_payment", "2024-03-01", -5000),
        ("payer_payment", "2024-03-05", 6000),
    ]
    of = ledger(*rows(event)).account
    assert of is not None
    assert (of.state, of.balance.balance) == ("credit", -5000)


def test_a_void_takes_back_a_fhir_payment_and_leaves_a_feeds_as_credit() -> None:
    def rows(answer: Any) -> list[Any]:
        return [
            claim("C1", "2024-01-15", 100),
            answer("C1", "2024-02-01", 50, "CO-45 30, PR-2 20", "2024-02-03"),
            claim("C2", "2024-03-10", 0, prior_ids=("C1",), frequency=8),
        ]

    of = ledger(*rows(statement))
    assert posted(of)[-4:] == [
        ("charge", "2024-03-10", -10000),
        ("contractual", "2024-03-10", -3000),
        ("payer_payment", "2024-03-10", -5000),
        ("patient_share", "2024-03-10", -2000),
    ]
    assert of.account is not None
    assert (of.account.state, of.account.balance.balance) == ("void", 0)
    assert of.denials == ()
    credit = ledger(*rows(event)).account
    assert credit is not None
    assert (credit.state, credit.balance.balance) == ("void", -5000)


def test_a_void_of_the_primary_takes_the_secondary_with_it() -> None:
    of = ledger(
        claim("C1", "2024-01-15", 100, encounter_ids=("E1",)),
        statement("C1", "2024-02-01", 60, "CO-45 25, PR-2 15", "2024-02-03"),
        claim("C2", "2024-02-10", 100, encounter_ids=("E1",), cover=SECOND),
        statement("C2", "2024-03-01", 15, "OA-23 85", "2024-03-02"),
        claim("C3", "2024-04-01", 0, prior_ids=("C1",), frequency=8),
    )
    assert of.account is not None
    assert of.account.balance.balance == 0
    assert of.account.sums.payer_paid == 0
    assert in_force(of) == set()


def test_void_and_rebilled_on_one_day_is_not_void() -> None:
    of = ledger(
        claim("C1", "2024-01-15", 100),
        claim("C2", "2024-03-10", 0, prior_ids=("C1",), frequency=8),
        claim("C3", "2024-03-10", 120, prior_ids=("C2",), frequency=1),
    )
    assert in_force(of) == {"C3"}
    assert posted(of)[-2:] == [("charge", "2024-03-10", -10000), ("charge", "2024-03-10", 12000)]


def test_dates_after_as_of_are_kept_and_not_seen() -> None:
    rows = [
        claim("C1", "2024-01-15", 100),
        statement("C1", "2024-02-01", 0, "CO-50 100"),
        claim("C2", "2024-03-01", 100, prior_ids=("C1",)),
        statement("C2", "2024-03-20", 100, cash="2024-03-25"),
        transaction("T1", "C1", "refund", 5, "2024-04-01"),
    ]
    of = ledger(*rows, as_of=day("2024-02-15"))
    assert of.account is not None
    assert (of.account.state, of.account.balance.balance) == ("denied", 10000)
    assert of.account.firsts.n_submissions == 1
    assert [d.status for d in of.denials] == ["open"]
    assert in_force(of) == {"C1"}
    # Entries are the same whatever the day.
    assert posted(of) == posted(ledger(*rows))
    assert {(c.claim.id, c.answer) for c in of.claims} == {("C1", "adjudicated"), ("C2", "none")}


def test_an_account_of_which_nothing_was_known_has_no_row() -> None:
    of = ledger(claim("C1", "2024-01-15", 100), as_of=day("2024-01-14"))
    assert of.account is None
    assert of.spans == ()
    assert posted(of) == [("charge", "2024-01-15", 10000)]


def test_money_before_the_first_bill_is_a_credit() -> None:
    of = ledger(
        claim("C1", "2024-01-15", 100),
        transaction("T1", "C1", "patient_payment", 20, "2024-01-10"),
        as_of=day("2024-01-12"),
    ).account
    assert of is not None
    assert (of.state, of.balance.balance, of.firsts.n_submissions) == ("credit", -2000, 0)


def test_an_account_takes_the_currency_of_its_charges() -> None:
    of = ledger(
        claim("C1", "2024-01-15", 100),
        claim("C2", "2024-02-15", 100, prior_ids=("C1",), currency="CAD"),
        statement("C1", "2024-02-20", 90, "CO-45 10", currency="EUR"),
    )
    assert (of.currency, in_force(of)) == ("USD", {"C1"})
    assert posted(of) == [("charge", "2024-01-15", 10000)]
    assert of.account is not None
    assert "currency_mixed" in of.account.flags


def test_transactions_find_their_account_by_claim_else_by_number() -> None:
    def numbered(id: str, service: str) -> SentClaim:
        return claim(id, service, 100, service, account_number="A1")

    of = result(
        numbered("C1", "2024-01-10"),
        numbered("C2", "2024-03-10"),
        transaction("T1", "C2", "patient_payment", 1, "2024-01-15"),
        replace(
            transaction("T2", "", "patient_payment", 2, "2024-01-15"),
            claim_id=None,
            account_number="A1",
        ),
        replace(
            transaction("T3", "", "patient_payment", 3, "2024-04-15"),
            claim_id=None,
            account_number="A1",
        ),
        transaction("T4", "unknown", "patient_payment", 4, "2024-04-15"),
    )
    paid = {
        o.account_id: [e.transaction_id for e in o.entries if e.transaction_id] for o in of.ledgers
    }
    assert paid == {"C1": ["T2"], "C2": ["T1", "T3"]}


def test_a_date_of_a_transaction_after_it_arrived_waits_for_correction() -> None:
    late = Source("t.csv", 1, "feed", None, datetime(2024, 1, 2, 12, tzinfo=UTC))
    of = ledger(
        claim("C1", "2024-01-01", 100),
        transaction("T1", "C1", "patient_payment", 1, "2024-01-15", source=late),
    )
    assert posted(of) == [("charge", "2024-01-01", 10000)]
    assert of.account is not None
    assert of.account.flags == {"date_in_future"}
