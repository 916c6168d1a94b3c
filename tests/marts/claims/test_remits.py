"""From adjudications and adjustments to amounts. Source: claims specification, 1.7."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metriccare.marts.claims.adjudication import adjudicated
from metriccare.marts.claims.compute import compute
from metriccare.marts.claims.history import (
    AnswerLine,
    Payment,
    PaymentDetail,
    SentAdjustment,
    Source,
)
from metriccare.marts.claims.reasons import shipped_reasons
from metriccare.marts.claims.remit import Remit
from metriccare.marts.claims.rows import rows_of
from metriccare.marts.stays.partial_date import partial_date
from tests.marts.claims.billed import (
    answer_line,
    claim,
    event,
    history,
    ledger,
    line,
    posted,
    result,
    statement,
)


def category(code: str, amount: object = None, *reasons: str, currency: str = "USD") -> Any:
    return {
        "category": code,
        "reason_codes": [{"system": "x", "code": r} for r in reasons],
        "amount": None if amount is None else Decimal(str(amount)),
        "currency": currency,
    }


def remit(*rows: Any) -> Remit:
    (only,) = ledger(*rows).remits
    return only.remit


def decided(*categories: Any, charge: object = 100) -> Remit:
    """Return the remit of a claim with one line that is decided so."""
    return remit(
        claim("C1", "2024-01-15", lines=(line(1, charge),)),
        statement("C1", "2024-02-01", lines=(adjudicated(1, categories),), cash="2024-02-03"),
    )


def reasons(of: Remit) -> list[tuple[str, str | None, int, str]]:
    return [(a.group, a.carc, a.amount, a.adjustment_class) for a in of.adjustments]


CATEGORIES = [
    (
        [category("submitted", 100), category("eligible", 60), category("discount", 40),
         category("benefit", 50), category("copay", 10)],
        [("CO", "45", 4000, "contractual"), ("PR", "3", 1000, "patient")],
    ),
    (  # Without a discount it follows from what is allowed; shares are part of that.
        [category("submitted", 100), category("eligible", 60), category("paidtoprovider", 45),
         category("deductible", 10), category("coinsurance", 5)],
        [("CO", "45", 4000, "contractual"), ("PR", "1", 1000, "patient"),
         ("PR", "2", 500, "patient")],
    ),
    (  # The member's liability counts only where no share is given.
        [category("eligible", 60), category("discount", 40), category("benefit", 50),
         category("memberliability", 10)],
        [("CO", "45", 4000, "contractual"), ("PR", None, 1000, "patient")],
    ),
    (
        [category("eligible", 60), category("discount", 40), category("benefit", 50),
         category("copay", 10), category("memberliability", 99)],
        [("CO", "45", 4000, "contractual"), ("PR", "3", 1000, "patient")],
    ),
    (
        [category("noncovered", 100, "CO", "197", "N130"), category("benefit", 0)],
        [("CO", "197", 10000, "denial")],
    ),
    (  # A reason of its own entry; without any the amount is a denial without a code.
        [category("noncovered", 100), category("denialreason", None, "PR-96")],
        [("PR", "96", 10000, "denial")],
    ),
    ([category("noncovered", 100)], [("CO", None, 10000, "denial")]),
    (  # A denial reason without an amount takes the line's charge.
        [category("noncovered", None, "50"), category("benefit", 0)],
        [("CO", "50", 10000, "denial")],
    ),
    (  # What an earlier payer paid is no discount.
        [category("eligible", 15), category("benefit", 10), category("copay", 5),
         category("priorpayerpaid", 85)],
        [("PR", "3", 500, "patient"), ("OA", "23", 8500, "prior_payer")],
    ),
    (  # The first of a category counts; addresses end with the code; others are not used.
        [category("https://x.gov/variables/line_alowd_chrg_amt", 100),
         category("line_prvdr_pmt_amt", 80), category("line_prvdr_pmt_amt", 1),
         category("line_coinsrnc_amt", 20), category("paidbypatient", 7),
         category("benefitpaymentstatus")],
        [("PR", "2", 2000, "patient")],
    ),
    (  # Amounts in another currency than the first are left out.
        [category("eligible", 100), category("benefit", 100, currency="USD"),
         category("copay", 10, currency="CAD")],
        [],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("categories", "expected"), CATEGORIES)
def test_categories_become_adjustments(categories: list[Any], expected: list[Any]) -> None:
    assert reasons(decided(*categories)) == expected


def test_amounts_of_a_line() -> None:
    of = decided(
        category("submitted", 100),
        category("eligible", 60),
        category("benefit", 45),
        category("copay", 15),
    )
    amounts = of.net[1]
    assert (amounts.charge, amounts.allowed, amounts.paid) == (10000, 6000, 4500)
    assert (amounts.contractual, amounts.patient_share, amounts.unexplained) == (4000, 1500, 0)
    assert of.flags == frozenset()


CLASSES = [
    # Group and reason, what it becomes, its class; paid and allowed are 0 unless said.
    ("CO-45 100", 0, ("CO", "contractual")),
    ("PR-1 100", 0, ("PR", "patient")),
    ("CO-1 100", 0, ("CO", "contractual")),
    ("-1 100", 0, ("PR", "patient")),
    ("-45 100", 0, ("CO", "contractual")),
    ("CR-45 100", 0, ("CO", "contractual")),
    ("OA-23 100", 0, ("OA", "prior_payer")),
    ("OA-133 100", 0, ("OA", "pending")),
    ("PR-96 100", 0, ("PR", "denial")),
    ("CO-999 100", 0, ("CO", "denial")),
    ("CO-999 50", 50, ("CO", "contractual")),
    ("PR-999 50", 50, ("PR", "patient")),
]


@pytest.mark.parametrize(("taken", "paid", "expected"), CLASSES)
def test_classes(taken: str, paid: int, expected: tuple[str, str]) -> None:
    of = remit(claim("C1", "2024-01-15", 100), event("C1", "2024-02-01", paid, taken))
    assert [(a.group, a.adjustment_class) for a in of.adjustments] == [expected]
    assert ("carc_unknown" in of.flags) is ("999" in taken)


def test_every_reason_has_a_class_and_every_denial_a_category() -> None:
    codes = shipped_reasons()
    classes = {code: reason.adjustment_class for code, reason in codes.by_code.items()}
    assert {code for code, class_ in classes.items() if class_ == "denial"} == {
        code for code, reason in codes.by_code.items() if reason.category
    }
    assert codes.category_of("29") == "timely_filing"
    assert codes.category_of("B7") == "other"
    own = codes.with_rows([{"carc": "45", "class": "denial", "category": "coverage"}])
    assert own.class_of("45", "CO", refuses=False) == "denial"
    assert own.category_of("45") == "coverage"


LINES = (line(1, 60), line(2, 40))
HEADER = AnswerLine(0, paid=Decimal(80), adjustments=(SentAdjustment("CO", "45", Decimal(20)),))


@pytest.mark.parametrize("answer", [statement, event])
@pytest.mark.parametrize(
    ("lines", "denies"),
    [
        ((answer_line(1, 0, "CO-50 60"), answer_line(2, 0, "CO-50 40")), True),
        # A line it does not mention is not denied.
        ((answer_line(1, 0, "CO-50 60"),), False),
        ((answer_line(1, 0, "CO-50 60"), answer_line(2, 40)), False),
        # Paid 0 to the deductible, by contract or after an earlier payer: not denied.
        ((answer_line(1, 0, "PR-1 60"), answer_line(2, 0, "PR-1 40")), False),
        ((answer_line(1, 0, "CO-45 60"), answer_line(2, 0, "CO-45 40")), False),
        ((answer_line(1, 0, "OA-23 60"), answer_line(2, 0, "OA-23 40")), False),
        ((answer_line(1, 0, "PR-96 60"), answer_line(2, 0, "PR-204 40")), True),
    ],
)
def test_a_denied_claim(answer: Any, lines: tuple[AnswerLine, ...], denies: bool) -> None:
    of = remit(claim("C1", "2024-01-15", lines=LINES), answer("C1", "2024-02-01", lines=lines))
    assert of.denies_claim is denies


@pytest.mark.parametrize("answer", [statement, event])
def test_amounts_of_the_claim_are_split_over_its_lines(answer: Any) -> None:
    lines = (line(1, 1), line(2, 1), line(3, 1))
    of = remit(
        claim("C1", "2024-01-15", lines=lines), answer("C1", "2024-02-01", "2.01", "CO-45 0.99")
    )
    assert [amounts.paid for amounts in of.net.values()] == [67, 67, 67]
    assert [amounts.contractual for amounts in of.net.values()] == [33, 33, 33]
    # The row keeps the amount as sent, for the claim as a whole.
    assert [(a.line, a.position, a.amount) for a in of.adjustments] == [(0, 1, 99)]


@pytest.mark.parametrize("answer", [statement, event])
def test_a_denial_of_the_claim_as_a_whole_denies_every_line(answer: Any) -> None:
    of = ledger(claim("C1", "2024-01-15", lines=LINES), answer("C1", "2024-02-01", 0, "CO-29 100"))
    assert of.remits[0].remit.denies_claim
    assert [(d.adjustment.line, d.adjustment.amount) for d in of.denials] == [(0, 10000)]
    assert of.account is not None
    assert of.account.firsts.first_remit_denied_lines == 2


def test_adjustments_of_an_events_header_add_to_those_of_its_lines() -> None:
    of = remit(
        claim("C1", "2024-01-15", lines=LINES),
        event(
            "C1",
            "2024-02-01",
            lines=(answer_line(1, 50), answer_line(2, 30)),
            header=HEADER,
        ),
    )
    assert [amounts.contractual for amounts in of.net.values()] == [1200, 800]
    assert [amounts.unexplained for amounts in of.net.values()] == [-200, 200]


def test_a_fhir_header_repeats_the_sums_of_its_lines() -> None:
    of = remit(
        claim("C1", "2024-01-15", lines=LINES),
        statement(
            "C1",
            "2024-02-01",
            lines=(answer_line(1, 50, "CO-45 10"), answer_line(2, 30, "CO-45 10")),
            header=HEADER,
        ),
    )
    assert [a.amount for a in of.adjustments] == [1000, 1000]


@pytest.mark.parametrize(
    ("paid", "contractual", "unexplained", "flags"),
    [
        ("59.99", 4001, 0, set()),
        ("60.01", 3999, 0, set()),
        ("59.98", 4000, 2, {"remit_out_of_balance"}),
    ],
)
def test_a_cent_is_rounding_and_more_stays_open(
    paid: str, contractual: int, unexplained: int, flags: set[str]
) -> None:
    of = remit(
        claim("C1", "2024-01-15", 100), event("C1", "2024-02-01", paid, "CO-45 40", "2024-02-01")
    )
    assert (of.net[1].contractual, of.net[1].unexplained) == (contractual, unexplained)
    assert of.flags == flags


def test_allowed_is_what_is_paid_and_shared_unless_given() -> None:
    of = remit(
        claim("C1", "2024-01-15", 100),
        event("C1", "2024-02-01", 60, "CO-45 25, PR-1 5, PR-2 5, PR-3 3, PR-96 2"),
    )
    assert of.net[1].allowed == 7300
    lines = (answer_line(1, 60, "CO-45 40", allowed=120),)
    of = remit(claim("C1", "2024-01-15", 100), event("C1", "2024-02-01", lines=lines))
    assert of.net[1].allowed == 12000
    assert "allowed_over_charge" in of.flags


def test_a_fhir_answer_without_amounts_decides_nothing() -> None:
    lines = (adjudicated(1, [category("submitted", 100)]),)
    empty = statement("C1", "2024-02-01", lines=lines, header=None)
    of = ledger(claim("C1", "2024-01-15", 100), replace(empty, payment=Payment(None, Decimal(0))))
    assert of.remits[0].remit.answer == "pending"
    assert of.remits[0].remit.flags == {"remit_empty"}
    assert of.account is not None
    assert of.account.state == "billed"
    # It does not undo a decision either.
    decision = statement("C1", "2024-01-20", 70, "CO-45 30", "2024-01-25")
    assert ledger(claim("C1", "2024-01-15", 100), decision, empty).account.state == "closed"  # type: ignore[union-attr]


def test_the_newest_statement_is_in_force() -> None:
    rows = [
        claim("C1", "2024-01-15", 100),
        statement("C1", "2024-02-01", 0, "CO-50 100"),
        statement("C1", "2024-03-01", 60, "CO-45 40", "2024-03-05"),
    ]
    of = ledger(*rows)
    assert [r.in_force for r in of.remits] == [False, True]
    assert posted(of)[1:] == [
        ("contractual", "2024-03-01", 4000),
        ("payer_payment", "2024-03-05", 6000),
    ]


def test_a_partial_statement_replaces_line_by_line() -> None:
    of = ledger(
        claim("C1", "2024-01-15", lines=LINES),
        statement(
            "C1",
            "2024-02-01",
            lines=(answer_line(1, 50, "CO-45 10"), answer_line(2, 0, "CO-16 40")),
            cash="2024-02-03",
        ),
        statement(
            "C1", "2024-03-01", lines=(answer_line(2, 30, "CO-45 10"),), cash="2024-03-03",
            is_partial=True,
        ),
    )  # fmt: skip
    assert [sorted(r.lines_in_force) for r in of.remits] == [[1], [2]]
    assert of.account is not None
    assert of.account.state == "closed"
    assert [e for e in posted(of) if e[0] == "payer_payment"] == [
        ("payer_payment", "2024-02-03", 5000),
        ("payer_payment", "2024-03-03", 3000),
    ]


def test_a_statement_without_a_payment_has_decided_and_not_paid() -> None:
    first = [
        claim("C1", "2024-01-15", 100),
        statement("C1", "2024-02-01", 60, "CO-45 40"),
    ]
    of = ledger(*first).account
    assert of is not None
    assert (of.state, of.balance.balance) == ("underway", 6000)
    # A later decision takes back what was paid beyond it, and adds nothing without a payment.
    paid = [
        claim("C1", "2024-01-15", 100),
        statement("C1", "2024-02-01", 60, "CO-45 40", "2024-02-03"),
    ]
    less = ledger(*paid, statement("C1", "2024-03-01", 20, "CO-45 80"))
    assert posted(less)[-1] == ("payer_payment", "2024-03-01", -4000)
    more = ledger(*paid, statement("C1", "2024-03-01", 80, "CO-45 20"))
    assert [e for e in posted(more) if e[0] == "payer_payment"] == [
        ("payer_payment", "2024-02-03", 6000)
    ]


def test_a_reversal_takes_back_what_it_repeats_and_the_claim_is_unanswered_again() -> None:
    lines = (answer_line(1, 50, "CO-45 40, PR-2 10", 100),)
    of = ledger(
        claim("C1", "2024-01-15", 100),
        event("C1", "2024-02-01", lines=lines, cash="2024-02-05"),
        event("C1", "2024-03-01", lines=lines, cash="2024-03-01", is_reversal=True),
    )
    assert posted(of)[-3:] == [
        ("contractual", "2024-03-01", -4000),
        ("payer_payment", "2024-03-01", -5000),
        ("patient_share", "2024-03-01", -1000),
    ]
    assert of.account is not None
    assert (of.account.state, of.account.balance.balance) == ("billed", 10000)
    # What its first remit was stays so.
    assert of.account.firsts.first_remit_date == date(2024, 2, 1)
    assert of.remits[1].remit.is_reversal


def test_rows_of_one_claim_and_one_date_are_one_remit() -> None:
    denied, paid = answer_line(1, 0, "CO-197 100", 100), answer_line(1, 60, "CO-45 40", 100)
    of = ledger(
        claim("C1", "2024-01-15", 100),
        event("C1", "2024-02-01", lines=(denied,), id="R1"),
        event("C1", "2024-03-01", lines=(denied,), id="R2-", is_reversal=True),
        event("C1", "2024-03-01", lines=(paid,), id="R2", cash="2024-03-04"),
    )
    assert [r.remit.id for r in of.remits] == ["R1", "R2"]
    second = of.remits[1].remit
    assert not second.is_reversal
    assert second.net[1].paid == 6000
    assert second.net[1].denied == -10000
    assert second.stated[1].denied == 0
    assert [(a.carc, a.position, a.takes_back) for a in second.adjustments] == [
        ("45", 1, False),
        ("197", 2, True),
    ]
    assert [d.status for d in of.denials] == ["overturned"]
    assert of.account is not None
    assert (of.account.state, of.account.firsts.newest_remit_denied) == ("closed", False)


def test_a_payment_that_differs_touches_no_account() -> None:
    answer = statement("C1", "2024-02-01", 60, "CO-45 40")
    paid = replace(answer, payment=Payment(partial_date("2024-02-03"), Decimal("61.50"), "K1"))
    of = result(claim("C1", "2024-01-15", 100), paid)
    row = rows_of(of)["remit"][0]
    assert (row["payment_amount"], row["provider_level_amount"]) == (
        Decimal("61.50"),
        Decimal("1.50"),
    )
    assert posted(of.ledgers[0])[-1] == ("payer_payment", "2024-02-03", 6000)


def test_a_payment_without_a_date_posts_on_the_remit_date() -> None:
    of = ledger(claim("C1", "2024-01-15", 100), event("C1", "2024-02-01", 100))
    assert posted(of)[-1] == ("payer_payment", "2024-02-01", 10000)
    assert of.remits[0].remit.flags == {"payment_date_derived"}


def test_payment_details_give_number_and_date_and_are_compared() -> None:
    answer = statement("C1", "2024-02-01", 60, "CO-45 40", id="S1")
    detail = PaymentDetail("S1", None, Decimal(60), partial_date("2024-02-09"), "K7")
    of = history(claim("C1", "2024-01-15", 100), answer, payments=(detail,))
    row = rows_of(compute(of))["remit"][0]
    assert (row["payment_date"], row["check_number"], row["dq_flags"]) == (
        date(2024, 2, 9),
        "K7",
        [],
    )
    paid = replace(answer, payment=Payment(partial_date("2024-02-03"), Decimal(59)))
    by_claim = PaymentDetail(None, "C1", Decimal(60), partial_date("2024-02-09"), "K7")
    row = rows_of(compute(history(claim("C1", "2024-01-15", 100), paid, payments=(by_claim,))))[
        "remit"
    ][0]
    assert (row["payment_date"], row["dq_flags"]) == (date(2024, 2, 3), ["payment_mismatch"])


def test_a_payment_detail_may_name_the_explanation_of_benefit() -> None:
    answer = statement("C1", "2024-02-01", 60, "CO-45 40", id="S1")
    benefit = replace(statement("C1", "2024-02-01", id="B1"), is_benefit=True, response_id="S1")
    detail = PaymentDetail("B1", None, Decimal(60), partial_date("2024-02-09"), "K7")
    of = history(claim("C1", "2024-01-15", 100), answer, benefit, payments=(detail,))
    (row,) = rows_of(compute(of))["remit"]
    assert (row["remit_id"], row["check_number"]) == ("S1", "K7")


def test_flags_of_dates() -> None:
    sent = claim("C1", "2024-01-15", 100)
    assert "remit_before_submission" in remit(sent, event("C1", "2024-01-10", 100)).flags
    of = remit(sent, event("C1", "2024-02-10", 100, cash="2024-02-09"))
    assert "payment_before_remit" in of.flags
    # Nothing was paid: the date says nothing.
    of = remit(sent, event("C1", "2024-02-10", 0, "CO-50 100", cash="2024-02-09"))
    assert "payment_before_remit" not in of.flags
    early = Source(
        "f", 1, "feed", datetime(2024, 1, 20, tzinfo=UTC), datetime(2024, 1, 20, tzinfo=UTC)
    )
    late = ledger(sent, event("C1", "2024-02-10", 100, source=early))
    assert late.remits[0].remit.flags == {"payment_date_derived", "date_in_future"}
    assert posted(late) == [("charge", "2024-01-15", 10000)]


def test_an_answer_before_its_claim_waits_for_it() -> None:
    rows = [event("C1", "2024-02-01", 100)]
    of = result(*rows)
    assert of.ledgers == ()
    (orphan,) = rows_of(of)["remit"]
    assert (orphan["claim_id"], orphan["account_id"]) == ("C1", None)
    assert orphan["dq_flags"] == ["payment_date_derived", "remit_orphan"]
    of = result(*rows, claim("C1", "2024-01-15", 100))
    assert of.orphans == ()
    assert of.ledgers[0].account.state == "closed"  # type: ignore[union-attr]


def test_events_that_decide_nothing_leave_the_statements_in_force() -> None:
    of = ledger(
        claim("C1", "2024-01-15", 100),
        event("C1", "2024-01-20", answer="pending"),
        statement("C1", "2024-02-01", 60, "CO-45 40", "2024-02-03"),
        event("C1", "2024-02-10", answer="pending"),
    )
    assert of.account is not None
    assert (of.account.state, of.claims[0].answer) == ("closed", "adjudicated")


def test_the_same_remit_from_both_sources_is_one_row() -> None:
    of = ledger(
        claim("C1", "2024-01-15", 100),
        statement("C1", "2024-02-01", 60, "CO-45 40", "2024-02-03", id="R1"),
        event("C1", "2024-02-01", 60, "CO-45 40", "2024-02-03", id="R1"),
    )
    assert [(r.remit.id, r.remit.kind) for r in of.remits] == [("R1", "event")]


def test_where_there_are_events_statements_do_not_count() -> None:
    of = ledger(
        claim("C1", "2024-01-15", 100),
        statement("C1", "2024-02-01", 60, "CO-45 40", "2024-02-03"),
        event("C1", "2024-02-01", 60, "CO-45 40", "2024-02-03"),
    )
    assert posted(of)[1:] == [
        ("contractual", "2024-02-01", 4000),
        ("payer_payment", "2024-02-03", 6000),
    ]
    assert [(r.remit.kind, r.in_force) for r in of.remits] == [
        ("event", True),
        ("statement", False),
    ]
