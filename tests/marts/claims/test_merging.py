"""One claim and one remit from several sources. Source: specification, 1.4.4 and 1.4.5."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from metriccare.marts.claims.history import Answer, Payment, SentClaim, Source
from metriccare.marts.claims.identity import ProviderRef
from metriccare.marts.stays.partial_date import partial_date
from tests.marts.claims.billed import (
    answer_line,
    claim,
    event,
    ledger,
    line,
    posted,
    result,
    statement,
    transaction,
)


def source(kind: str, month: int) -> Source:
    return Source(f"{kind}.x", 1, kind, datetime(2024, month, 1, tzinfo=UTC))


def fhir(id: str, month: int = 2, **columns: Any) -> SentClaim:
    return claim(id, "2024-01-15", 100, "2024-01-10", source=source("fhir", month), **columns)


def feed(id: str, month: int = 3, **columns: Any) -> SentClaim:
    return claim(id, "2024-01-15", 100, "2024-01-10", source=source("feed", month), **columns)


def test_the_same_claim_from_two_sources_is_one_and_the_later_wins_by_column() -> None:
    of = ledger(
        fhir("C1", identifiers=("N-1",), drg="470", encounter_ids=("E1",)),
        feed("N-1", drg="471", edit_status="passed"),
    )
    (only,) = of.claims
    assert (only.claim.id, only.claim.sent.drg) == ("C1", "471")
    assert only.claim.sent.edit_status == "passed"
    assert only.claim.encounter_ids == ("E1",)
    assert only.claim.sent.source.kind == "feed"
    older = ledger(fhir("C1", month=4, drg="470"), feed("C1", drg="471", edit_status="passed"))
    assert (older.claims[0].claim.sent.drg, older.claims[0].claim.sent.edit_status) == (
        "470",
        "passed",
    )


def test_nothing_weaker_merges_two_claims() -> None:
    assert len(result(fhir("C1"), feed("N-2")).ledgers) == 2
    # An identifier that two claims share says nothing.
    shared = (fhir("C1", identifiers=("N-1",)), fhir("C2", identifiers=("N-1",)))
    assert len(result(*shared, feed("N-1")).ledgers) == 3


def test_lines_of_both_are_kept_and_joined_by_number() -> None:
    one = replace(fhir("C1"), lines=(line(1, 60), line(2, 40)))
    two = replace(feed("C1"), lines=(replace(line(2, 40), revenue_code="0450"),))
    (only,) = ledger(one, two).claims
    assert [(n.number, n.charge, n.sent.revenue_code) for n in only.claim.lines] == [
        (1, 6000, None),
        (2, 4000, "0450"),
    ]


def test_rows_that_name_the_other_id_find_the_claim() -> None:
    of = ledger(
        fhir("C1", identifiers=("N-1",)),
        event("N-1", "2024-02-01", 70, "CO-45 30", "2024-02-03"),
        transaction("T1", "N-1", "refund", 5, "2024-03-01"),
        feed("N-2", prior_ids=("N-1",)),
    )
    assert of.account_id == "C1"
    assert {c.claim.id for c in of.claims} == {"C1", "N-2"}
    assert [e[0] for e in posted(of)] == ["charge", "contractual", "payer_payment", "refund"]


def benefit(**columns: Any) -> Answer:
    answer = statement("C1", "2024-02-01", 60, "CO-45 40", "2024-02-05", id="B1")
    return replace(answer, is_benefit=True, **columns)


def test_a_response_and_the_benefit_that_names_it_are_one_remit() -> None:
    response = statement("C1", "2024-02-01", 70, "CO-45 30", id="R1")
    of = ledger(
        claim("C1", "2024-01-15", 100),
        response,
        benefit(response_id="R1", created=partial_date("2024-02-09")),
    )
    # Amounts of the response, the payment of the benefit.
    assert [r.remit.id for r in of.remits] == ["R1"]
    assert posted(of)[1:] == [
        ("contractual", "2024-02-01", 3000),
        ("payer_payment", "2024-02-05", 7000),
    ]


def test_so_are_two_of_one_claim_and_one_date() -> None:
    empty = replace(statement("C1", "2024-02-01", id="R1"), header=None)
    of = ledger(claim("C1", "2024-01-15", 100), empty, benefit())
    assert [r.remit.id for r in of.remits] == ["R1"]
    assert posted(of)[1:] == [
        ("contractual", "2024-02-01", 4000),
        ("payer_payment", "2024-02-05", 6000),
    ]
    other = ledger(
        claim("C1", "2024-01-15", 100), empty, benefit(created=partial_date("2024-02-02"))
    )
    assert [r.remit.id for r in other.remits] == ["R1", "B1"]


def test_lines_of_the_benefit_count_where_the_response_has_none() -> None:
    lines = (answer_line(1, 35, "CO-45 25"), answer_line(2, 40))
    empty = replace(statement("C1", "2024-02-01", id="R1"), header=None)
    of = ledger(
        claim("C1", "2024-01-15", lines=(line(1, 60), line(2, 40))),
        empty,
        benefit(lines=lines, header=None),
    )
    assert [a.paid for a in of.remits[0].remit.net.values()] == [3500, 4000]


def test_a_payment_is_completed_from_both() -> None:
    response = replace(
        statement("C1", "2024-02-01", 60, "CO-45 40", id="R1"),
        payment=Payment(None, Decimal(60), "K1"),
    )
    of = ledger(claim("C1", "2024-01-15", 100), response, benefit(response_id="R1"))
    remit = of.remits[0].remit
    assert (str(remit.payment_date), remit.payment_amount, remit.check_number) == (
        "2024-02-05",
        6000,
        "K1",
    )


def test_the_benefit_tells_who_took_part() -> None:
    doctor = ProviderRef("fhir", "D1", "Practitioner")
    of = ledger(claim("C1", "2024-01-15", 100), benefit(provider=doctor))
    assert of.claims[0].claim.provider_id == "fhir/D1"
