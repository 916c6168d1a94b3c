"""Denials and what became of them. Source: claims specification, 2.4."""

from __future__ import annotations

from typing import Any

import pytest

from metriccare.marts.claims.denials import Denial
from tests.marts.claims.billed import (
    SECOND,
    answer_line,
    claim,
    day,
    event,
    ledger,
    line,
    statement,
    transaction,
)

BOTH = pytest.mark.parametrize("answer", [statement, event])
LINES = (line(1, 60), line(2, 40))


def denials(*rows: Any, **columns: Any) -> dict[str, Denial]:
    """Return the denials by reason and date."""
    found = ledger(*rows, **columns).denials
    return {f"{d.adjustment.carc} {d.remit.remit_date}": d for d in found}


def denied(answer: Any) -> list[Any]:
    return [
        claim("C1", "2024-01-15", lines=LINES),
        answer(
            "C1",
            "2024-02-01",
            lines=(answer_line(1, 0, "CO-50 60"), answer_line(2, 0, "CO-16 40")),
        ),
    ]


def again(frequency: int = 7) -> Any:
    return claim("C2", "2024-02-10", lines=LINES, prior_ids=("C1",), frequency=frequency)


@BOTH
def test_initial_and_leading(answer: Any) -> None:
    of = denials(
        *denied(answer),
        again(),
        answer(
            "C2",
            "2024-03-01",
            lines=(answer_line(1, 0, "CO-97 60"), answer_line(2, 0, "CO-18 40")),
        ),
    )
    assert {key: (d.is_initial, d.is_leading) for key, d in of.items()} == {
        "50 2024-02-01": (True, True),
        "16 2024-02-01": (True, False),
        "97 2024-03-01": (False, True),
        "18 2024-03-01": (False, False),
    }


def test_of_equal_amounts_the_lowest_code_as_text_leads() -> None:
    of = denials(
        claim("C1", "2024-01-15", lines=(line(1, 50), line(2, 50))),
        event(
            "C1",
            "2024-02-01",
            lines=(answer_line(1, 0, "CO-50 50"), answer_line(2, 0, "CO-197 50")),
        ),
    )
    assert [d.adjustment.carc for d in of.values() if d.is_leading] == ["197"]


@BOTH
def test_statuses_by_line(answer: Any) -> None:
    of = denials(
        *denied(answer),
        again(),
        answer(
            "C2",
            "2024-03-01",
            lines=(answer_line(1, 55, "CO-45 5"), answer_line(2, 0, "CO-16 40")),
            cash="2024-03-04",
        ),
    )
    first, second = of["50 2024-02-01"], of["16 2024-02-01"]
    assert (first.status, first.resolved_date, first.days_to_resolution) == (
        "overturned",
        day("2024-03-01"),
        29,
    )
    assert (second.status, second.recovered_amount) == ("upheld", 0)
    assert first.recovered_amount == 5500
    assert of["16 2024-03-01"].status == "open"


@BOTH
def test_a_line_that_a_later_remit_does_not_mention_is_no_event(answer: Any) -> None:
    of = denials(*denied(answer), again(), answer("C2", "2024-03-01", lines=(answer_line(1, 60),)))
    assert of["16 2024-02-01"].status == "open"


@BOTH
def test_appealed_until_the_resubmission_is_decided(answer: Any) -> None:
    waiting = denials(*denied(answer), again())
    assert {(d.status, d.resolved_date) for d in waiting.values()} == {("appealed", None)}
    before = denials(*denied(answer), again(), as_of=day("2024-02-09"))
    assert {d.status for d in before.values()} == {"open"}


@BOTH
def test_the_latest_event_wins_and_of_one_day_the_write_off(answer: Any) -> None:
    upheld = answer(
        "C2", "2024-03-01", lines=(answer_line(1, 0, "CO-50 60"), answer_line(2, 0, "CO-16 40"))
    )
    off = transaction("T1", "C1", "denial_writeoff", 100, "2024-03-01")
    of = denials(*denied(answer), again(), upheld, off)
    assert {d.status for d in of.values()} == {"written_off"}
    later = denials(
        *denied(answer),
        again(),
        upheld,
        transaction("T1", "C1", "denial_writeoff", 100, "2024-02-05"),
    )
    assert [d.status for d in later.values()] == ["upheld", "upheld", "open", "open"]


def test_a_write_off_that_was_undone_is_none() -> None:
    of = denials(
        *denied(event),
        transaction("T1", "C1", "denial_writeoff", 100, "2024-03-01"),
        transaction("T2", "C1", "denial_writeoff", -100, "2024-03-05"),
    )
    assert {d.status for d in of.values()} == {"open"}


@BOTH
def test_denials_in_the_patients_group_are_the_patients_liability(answer: Any) -> None:
    of = denials(claim("C1", "2024-01-15", 100), answer("C1", "2024-02-01", 0, "PR-96 100"))
    assert {d.status for d in of.values()} == {"patient_liability"}


@BOTH
def test_a_partial_denial_is_a_row_with_its_amount(answer: Any) -> None:
    of = ledger(
        claim("C1", "2024-01-15", 100), answer("C1", "2024-02-01", 50, "CO-45 20, CO-96 30")
    )
    assert [(d.adjustment.amount, d.adjustment.category) for d in of.denials] == [
        (3000, "coverage")
    ]
    assert of.account is not None
    firsts = of.account.firsts
    assert (firsts.first_remit_denied, firsts.first_remit_denied_lines) == (False, 0)
    assert (firsts.first_remit_denied_amount, firsts.first_remit_charge) == (3000, 10000)


def test_a_reversal_alone_decides_nothing() -> None:
    lines = (answer_line(1, 0, "CO-50 60", 60), answer_line(2, 0, "CO-16 40", 40))
    of = ledger(
        claim("C1", "2024-01-15", lines=LINES),
        event("C1", "2024-02-01", lines=lines),
        event("C1", "2024-02-20", lines=lines, is_reversal=True),
    )
    assert [d.status for d in of.denials] == ["open", "open"]
    assert of.account is not None
    assert (of.account.state, of.account.firsts.later_remit) == ("billed", False)


@BOTH
def test_denials_of_a_secondary_payer_are_no_rows(answer: Any) -> None:
    of = ledger(
        claim("C1", "2024-01-15", 100, encounter_ids=("E1",)),
        answer("C1", "2024-02-01", 60, "CO-45 25, PR-2 15", "2024-02-03"),
        claim("C2", "2024-02-10", 100, encounter_ids=("E1",), cover=SECOND),
        answer("C2", "2024-03-01", 0, "OA-23 85, CO-50 15"),
    )
    assert of.denials == ()
    assert of.account is not None
    assert (of.account.balance.balance, of.account.denied_open) == (1500, 1500)


@BOTH
def test_interim_claims_do_not_decide_each_others_lines(answer: Any) -> None:
    of = denials(
        claim("C1", "2024-01-15", 60, frequency=2, account_number="A"),
        answer("C1", "2024-02-01", 0, "CO-50 60"),
        claim("C2", "2024-01-15", 40, frequency=3, account_number="A"),
        answer("C2", "2024-03-01", 40),
    )
    assert {d.status for d in of.values()} == {"open"}


@BOTH
def test_figures_of_the_first_remit_survive_its_replacement(answer: Any) -> None:
    of = ledger(
        *denied(answer),
        again(),
        answer("C2", "2024-03-01", lines=(answer_line(1, 60), answer_line(2, 40))),
    ).account
    assert of is not None
    firsts = of.firsts
    assert (firsts.first_remit_date, firsts.first_remit_denied) == (day("2024-02-01"), True)
    assert (firsts.first_remit_lines, firsts.first_remit_denied_lines) == (2, 2)
    assert (firsts.resubmitted, firsts.later_remit, firsts.newest_remit_denied) == (
        True,
        True,
        False,
    )
    assert of.answer_in_force_denied is False
