"""Rows of silver become what the rules take; both forms of one story give the same ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metriccare.marts.claims import from_feeds, from_feeds_paid, from_fhir, from_fhir_answers
from metriccare.marts.claims.compute import ClaimsResult, compute
from metriccare.marts.claims.history import ClaimsHistory, Cover
from metriccare.marts.claims.identity import ProviderRef
from metriccare.marts.claims.rows_read import HCPCS, first_coding
from metriccare.marts.stays.codesets import load_code_sets
from metriccare.marts.stays.facility import Facilities
from metriccare.marts.stays.history import Coding
from tests.marts.claims.silver_rows import (
    adjudication,
    coding,
    feed_adjustment,
    feed_claim,
    feed_line,
    feed_remit,
    feed_row,
    fhir_claim,
    fhir_row,
    item,
    response,
)

CODES = load_code_sets()
PAYERS = {"ACME": "commercial", "BETA": "commercial"}
COVERS = {
    "V1": Cover(payer_id="ACME", payer="commercial", level=1),
    "V2": Cover(payer_id="BETA", payer="commercial", level=2),
}


def of_fhir(
    claims: list[Any], answers: list[Any], benefits: list[Any] | None = None
) -> ClaimsResult:
    read = [
        *map(from_fhir_answers.response_of, answers),
        *map(from_fhir_answers.benefit_of, benefits or []),
    ]
    return compute(
        ClaimsHistory(
            person_id="P1",
            as_of=date(2024, 6, 30),
            facilities=Facilities(default_zone="America/New_York"),
            claims=tuple(from_fhir.claim_of(c, COVERS, CODES) for c in claims),
            answers=tuple(a for a in read if a is not None),
        )
    )


def of_feeds(
    claims: list[Any], lines: list[Any], remits: list[Any], taken: list[Any]
) -> ClaimsResult:
    return compute(
        ClaimsHistory(
            person_id="P1",
            as_of=date(2024, 6, 30),
            facilities=Facilities(default_zone="America/New_York"),
            claims=from_feeds.claims_of(claims, lines, (), PAYERS),
            answers=from_feeds_paid.answers_of(remits, taken),
        )
    )


def facts(of: ClaimsResult) -> list[Any]:
    """Return what both forms must agree on: accounts, entries, spans and denials."""
    found = []
    for each in of.ledgers:
        account = each.account
        assert account is not None
        found.append(
            (
                each.account_id,
                account.state,
                account.sums,
                account.balance,
                account.firsts,
                account.denied_open,
                account.answer_in_force_denied,
                [
                    (e.type, e.amount, e.post_date, e.party, e.level, e.claim_id)
                    for e in each.entries
                ],
                [(s.from_date, s.to_date, s.balance) for s in each.spans],
                [
                    (
                        d.adjustment.line,
                        d.adjustment.group,
                        d.adjustment.carc,
                        d.adjustment.amount,
                        d.remit.remit_date,
                        *(d.is_initial, d.is_leading, d.status, d.resolved_date),
                        d.recovered_amount,
                    )
                    for d in each.denials
                ],
            )
        )
    return found


def paid(number: int, allowed: int, discount: int, paid: int, copay: int) -> dict[str, Any]:
    return item(
        number,
        adjudications=[
            adjudication("submitted", allowed + discount),
            adjudication("eligible", allowed),
            adjudication("discount", discount),
            adjudication("copay", copay),
            adjudication("benefit", paid),
        ],
    )


def denied(number: int, charge: int, reason: str) -> dict[str, Any]:
    return item(
        number,
        adjudications=[
            adjudication("submitted", charge),
            adjudication("noncovered", charge),
            adjudication("benefit", 0),
            adjudication("denialreason", None, reason),
        ],
    )


def two_lines(claim_id: str) -> list[Any]:
    return [feed_line(claim_id, 1, 60), feed_line(claim_id, 2, 40)]


def paid_in_full() -> tuple[ClaimsResult, ClaimsResult]:
    fhir = of_fhir(
        [fhir_claim("C1", "2024-01-15", item(1, 60), item(2, 40), coverage_id="V1")],
        [
            response(
                *("R1", "C1", "2024-02-01"),
                *(paid(1, 50, 10, 45, 5), paid(2, 30, 10, 30, 0)),
                payment_date="2024-02-05",
                payment_amount=Decimal(75),
            )
        ],
    )
    feed = of_feeds(
        [feed_claim("C1", "2024-01-15", 100)],
        two_lines("C1"),
        [
            feed_remit("R1", "C1", n, "2024-02-01", paid_, payment_date=date(2024, 2, 5))
            for n, paid_ in ((1, 45), (2, 30))
        ],
        [
            feed_adjustment("R1", "C1", 1, 1, "CO-45", 10),
            feed_adjustment("R1", "C1", 1, 2, "PR-3", 5),
            feed_adjustment("R1", "C1", 2, 1, "CO-45", 10),
        ],
    )
    return fhir, feed


def denied_and_resubmitted() -> tuple[ClaimsResult, ClaimsResult]:
    related = [{"relationship": "prior", "claim_id": "C1", "claim_reference": None}]
    fhir = of_fhir(
        [
            fhir_claim("C1", "2024-01-15", item(1, 60), item(2, 40), coverage_id="V1"),
            fhir_claim("C2", "2024-02-20", item(1, 60), item(2, 40), coverage_id="V1",
                       related=related),
        ],
        [
            response("R1", "C1", "2024-02-01", denied(1, 60, "197"), denied(2, 40, "16")),
            response(
                *("R2", "C2", "2024-03-10"),
                *(paid(1, 50, 10, 50, 0), denied(2, 40, "16")),
                payment_date="2024-03-15",
            ),
        ],
    )  # fmt: skip
    feed = of_feeds(
        [
            feed_claim("C1", "2024-01-15", 100, frequency_code="1"),
            feed_claim("C2", "2024-02-20", 100, frequency_code="7", original_claim_id="C1"),
        ],
        two_lines("C1") + two_lines("C2"),
        [
            feed_remit("R1", "C1", 1, "2024-02-01", 0, claim_status_code="4"),
            feed_remit("R1", "C1", 2, "2024-02-01", 0, claim_status_code="4"),
            feed_remit("R2", "C2", 1, "2024-03-10", 50, payment_date=date(2024, 3, 15)),
            feed_remit("R2", "C2", 2, "2024-03-10", 0),
        ],
        [
            feed_adjustment("R1", "C1", 1, 1, "CO-197", 60),
            feed_adjustment("R1", "C1", 2, 1, "CO-16", 40),
            feed_adjustment("R2", "C2", 1, 1, "CO-45", 10),
            feed_adjustment("R2", "C2", 2, 1, "CO-16", 40),
        ],
    )
    return fhir, feed


def decided_again() -> tuple[ClaimsResult, ClaimsResult]:
    """Return a claim denied, then paid: a new statement, or a reversal and a new event."""
    fhir = of_fhir(
        [fhir_claim("C1", "2024-01-15", item(1, 60), item(2, 40), coverage_id="V1")],
        [
            response("R1", "C1", "2024-02-01", denied(1, 60, "50"), denied(2, 40, "50")),
            response(
                *("R2", "C1", "2024-03-10"),
                *(paid(1, 50, 10, 50, 0), paid(2, 30, 10, 30, 0)),
                payment_date="2024-03-15",
            ),
        ],
    )
    first = [
        feed_remit("R1", "C1", n, "2024-02-01", 0, charge=Decimal(charge), allowed=Decimal(0))
        for n, charge in ((1, 60), (2, 40))
    ]
    feed = of_feeds(
        [feed_claim("C1", "2024-01-15", 100)],
        two_lines("C1"),
        [
            *first,
            *({**row, "remit_id": "R1R", "remit_date": date(2024, 3, 10),
               "claim_status_code": "22"} for row in first),
            feed_remit("R2", "C1", 1, "2024-03-10", 50, payment_date=date(2024, 3, 15)),
            feed_remit("R2", "C1", 2, "2024-03-10", 30, payment_date=date(2024, 3, 15)),
        ],
        [
            *(feed_adjustment(id_, "C1", n, 1, "CO-50", amount)
              for id_ in ("R1", "R1R") for n, amount in ((1, 60), (2, 40))),
            feed_adjustment("R2", "C1", 1, 1, "CO-45", 10),
            feed_adjustment("R2", "C1", 2, 1, "CO-45", 10),
        ],
    )  # fmt: skip
    return fhir, feed


def rejected_then_accepted() -> tuple[ClaimsResult, ClaimsResult]:
    related = [{"relationship": "replaces", "claim_id": "C1", "claim_reference": None}]
    fhir = of_fhir(
        [
            fhir_claim("C1", "2024-01-15", item(1, 60), item(2, 40), coverage_id="V1"),
            fhir_claim("C2", "2024-01-20", item(1, 60), item(2, 40), coverage_id="V1",
                       related=related),
        ],
        [
            response("R1", "C1", "2024-01-17", outcome="error"),
            response("R2", "C2", "2024-02-01", outcome="queued"),
        ],
    )  # fmt: skip
    feed = of_feeds(
        [
            feed_claim("C1", "2024-01-15", 100),
            feed_claim("C2", "2024-01-20", 100, type_of_bill="0137", original_claim_id="C1"),
        ],
        two_lines("C1") + two_lines("C2"),
        [
            feed_remit("R1", "C1", None, "2024-01-17", 0, answer="rejected"),
            feed_remit("R2", "C2", None, "2024-02-01", 0, answer="pending"),
        ],
        [],
    )
    return fhir, feed


def secondary() -> tuple[ClaimsResult, ClaimsResult]:
    encounter = [{"encounter_id": "E1", "encounter_reference": "Encounter/E1"}]
    fhir = of_fhir(
        [
            fhir_claim("C1", "2024-01-15", item(1, 100), coverage_id="V1", encounters=encounter),
            fhir_claim("C2", "2024-02-10", item(1, 100), coverage_id="V2", encounters=encounter,
                       insurer_id="BETA"),
        ],
        [
            response("R1", "C1", "2024-02-01", paid(1, 75, 25, 60, 15), payment_date="2024-02-03"),
            response(
                *("R2", "C2", "2024-03-01"),
                item(1, adjudications=[
                    adjudication("eligible", 15), adjudication("benefit", 10),
                    adjudication("copay", 5), adjudication("priorpayerpaid", 85),
                ]),
                payment_date="2024-03-03",
            ),
        ],
    )  # fmt: skip
    feed = of_feeds(
        [
            feed_claim("C1", "2024-01-15", 100, payer_sequence="P", encounter_id="E1"),
            feed_claim(
                *("C2", "2024-02-10", 100), payer_sequence="S", encounter_id="E1", payer_id="BETA"
            ),
        ],
        [feed_line("C1", 1, 100), feed_line("C2", 1, 100)],
        [
            feed_remit("R1", "C1", 1, "2024-02-01", 60, payment_date=date(2024, 2, 3)),
            feed_remit("R2", "C2", 1, "2024-03-01", 10, payment_date=date(2024, 3, 3)),
        ],
        [
            feed_adjustment("R1", "C1", 1, 1, "CO-45", 25),
            feed_adjustment("R1", "C1", 1, 2, "PR-3", 15),
            feed_adjustment("R2", "C2", 1, 1, "OA-23", 85),
            feed_adjustment("R2", "C2", 1, 2, "PR-3", 5),
        ],
    )
    return fhir, feed


STORIES = [paid_in_full, denied_and_resubmitted, decided_again, rejected_then_accepted, secondary]


@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_both_forms_give_the_same_ledger(story: Any) -> None:
    fhir, feed = story()
    assert facts(fhir) == facts(feed)
    assert facts(fhir) != []


def test_a_fhir_claim_with_everything() -> None:
    row = fhir_claim(
        "C1",
        "2024-01-15",
        item(
            1,
            60,
            revenue_code="0450",
            procedure_codings=[coding("99213", "cpt")],
            modifiers=["25", None],
            place_of_service="11",
            serviced_start="2024-01-10",
            serviced_end="2024-01-10",
            quantity=Decimal(2),
            encounter_ids=["E1"],
            care_team_sequences=[2],
            diagnosis_sequences=[1],
        ),
        coverage_id="V2",
        encounters=[{"encounter_id": "E1", "encounter_reference": "Encounter/E1"}],
        facility_id="L1",
        typed_identifiers=[
            {"system": "s", "value": "N-1", "type": None},
            {"system": "s", "value": "A-1", "type": "AN"},
        ],
        care_team=[
            {"sequence": 1, "provider_id": "D1", "provider_type": None, "role": "primary"},
            {"sequence": 2, "provider_id": "D2", "provider_type": "Practitioner", "role": None},
        ],
        related=[
            {"relationship": "associated", "claim_id": "X", "claim_reference": None},
            {"relationship": "prior", "claim_id": None, "reference_value": "N-0"},
        ],
        supporting_info=[
            {"sequence": 1, "category": "typeofbill", "code": "0131"},
            {"sequence": 2, "category": "drg", "code": "470"},
        ],
        diagnoses=[
            {"sequence": 1, "codings": None, "condition_id": "K1", "on_admission": "y",
             "type_codes": ["admitting"]},
            {"sequence": 2, "codings": [coding("E11.9")], "condition_id": None,
             "on_admission": None, "type_codes": ["principal"]},
        ],
        procedures=[{"sequence": 1, "codings": [coding("0DTJ4ZZ")], "date": "2024-01-10"}],
        total=Decimal(60),
        total_currency="USD",
    )  # fmt: skip
    of = from_fhir.claim_of(row, COVERS, CODES, {"K1": (Coding("icd", "I10"),)})
    assert (of.account_number, of.identifiers, of.prior_ids) == ("A-1", ("N-1", "A-1"), ("N-0",))
    assert (of.type_of_bill, of.drg, of.location_id) == ("0131", "470", "L1")
    assert of.cover is not None
    assert (of.cover.payer_id, of.cover.payer, of.cover.level) == ("ACME", "commercial", 2)
    (line,) = of.lines
    assert line.procedure == Coding("cpt", "99213", None)
    assert line.provider == ProviderRef("fhir", "D2", "Practitioner")
    assert (line.modifiers, line.units, line.encounter_id) == (("25",), Decimal(2), "E1")
    assert [(d.code, d.is_principal, d.poa) for d in of.diagnoses] == [
        ("I10", False, "Y"),
        ("E11.9", True, None),
    ]


@pytest.mark.parametrize(
    ("coverage", "display", "payer", "payer_id"),
    [
        ("V1", None, "commercial", "ACME"),
        (None, "NO_INSURANCE", "self_pay", None),
        (None, "Medicare", "medicare", None),
    ],
)
def test_the_payer_of_a_claim(
    coverage: str | None, display: str | None, payer: str, payer_id: str | None
) -> None:
    row = fhir_claim("C1", "2024-01-15", insurer_id=None, coverage_id=coverage,
                     coverage_display=display)  # fmt: skip
    cover = from_fhir.claim_of(row, COVERS, CODES).cover
    assert cover is not None
    assert (cover.payer, cover.payer_id, cover.payer_id or cover.name) == (
        payer,
        payer_id,
        payer_id or display,
    )


def test_a_code_system_has_one_spelling() -> None:
    sent = [coding("", "x"), coding("G0463", HCPCS.replace("http:", "https:"))]
    assert first_coding(sent) == Coding(HCPCS, "G0463", None)


def test_answers_that_are_not_active_or_not_to_claims_are_ignored() -> None:
    assert (
        from_fhir_answers.response_of(response("R1", "C1", "2024-02-01", status="cancelled"))
        is None
    )
    assert (
        from_fhir_answers.response_of(response("R1", "C1", "2024-02-01", use="predetermination"))
        is None
    )


def test_a_line_that_the_payer_put_in_the_place_of_one_stands_for_it() -> None:
    added = {**paid(1, 60, 0, 60, 0), "item_sequences": [1]}
    of = of_fhir(
        [fhir_claim("C1", "2024-01-15", item(1, 60), coverage_id="V1")],
        [response("R1", "C1", "2024-02-01", added_items=[added], payment_date="2024-02-02")],
    )
    assert of.ledgers[0].account.state == "closed"  # type: ignore[union-attr]


def test_header_adjudications_come_before_totals() -> None:
    totals = [adjudication("benefit", 1), adjudication("eligible", 1)]
    own = [adjudication("benefit", 60), adjudication("eligible", 60)]
    claims = [fhir_claim("C1", "2024-01-15", item(1, 60), coverage_id="V1")]
    one = of_fhir(claims, [response("R1", "C1", "2024-02-01", adjudications=own, totals=totals)])
    other = of_fhir(claims, [response("R1", "C1", "2024-02-01", totals=totals)])
    assert [o.ledgers[0].remits[0].remit.total.paid for o in (one, other)] == [6000, 100]


def test_a_benefit_with_a_payment_alone_pays_the_claim() -> None:
    row = fhir_row(
        "ExplanationOfBenefit",
        "B1",
        status="active",
        use="claim",
        outcome="complete",
        claim_id="C1",
        created="2024-02-01",
        payment_amount=Decimal(60),
        items=[item(1, 60, adjudications=[adjudication("submitted", 60)])],
    )
    claims = [fhir_claim("C1", "2024-01-15", item(1, 60), coverage_id="V1")]
    of = of_fhir(claims, [], [row])
    assert of.ledgers[0].account.state == "closed"  # type: ignore[union-attr]
    empty = of_fhir(claims, [], [{**row, "payment_amount": Decimal(0)}])
    assert empty.ledgers[0].remits[0].remit.flags == {"remit_empty"}


def test_answers_of_feeds_that_touch_nothing() -> None:
    rows = [
        feed_remit("R1", "C1", None, "2024-02-01", 0, claim_status_code="23"),
        feed_remit("R2", "C1", None, "2024-02-01", 0, claim_status_code="25"),
    ]
    assert from_feeds_paid.answers_of(rows, []) == ()


def test_of_a_remit_that_was_pending_only_the_decision_is_left() -> None:
    rows = [
        feed_remit("R1", "C1", None, "2024-02-01", 0, answer="pending"),
        feed_remit("R1", "C1", 1, "2024-02-20", 60, answer="adjudicated"),
    ]
    (answer,) = from_feeds_paid.answers_of(rows, [])
    assert (answer.answer, answer.created.first) == ("adjudicated", date(2024, 2, 20))  # type: ignore[union-attr]
    assert answer.header is None


def test_feed_rows_of_covers_and_lines() -> None:
    covers = from_feeds.covers_of(
        [
            feed_row(
                "members",
                payer_id="ACME",
                plan="GOLD",
                sequence="P",
                coverage_from=date(2024, 1, 1),
            )
        ],
        PAYERS,
    )
    (of,) = from_feeds.claims_of(
        [
            feed_claim(
                *("C1", "2024-01-15", 60),
                diagnosis_codes=["E119", "I10"],
                poa=["Y"],
                rendering_provider_id="D1",
                place_of_service="11",
            )
        ],
        [
            feed_line(
                *("C1", 1, 60),
                procedure_code="G0463",
                modifiers=["25"],
                units=Decimal(1),
                diagnosis_pointers=["2"],
                posted_date=date(2024, 1, 12),
            )
        ],
        covers,
        PAYERS,
    )
    assert of.cover is not None
    assert (of.cover.plan, of.cover.payer, covers[0].level) == ("GOLD", "commercial", 1)
    assert [(d.code, d.is_principal, d.poa) for d in of.diagnoses] == [
        ("E119", True, "Y"),
        ("I10", False, None),
    ]
    (line,) = of.lines
    assert line.procedure == Coding(HCPCS, "G0463")
    assert (line.place_of_service, line.diagnosis_sequences) == ("11", (2,))
    assert of.care_team[0].provider == ProviderRef("feed", "D1")


def test_feed_rows_of_rates() -> None:
    fees = from_feeds_paid.fee_schedule_of(
        [
            feed_row(
                "fee_schedule",
                rate_id="R1",
                payer_id="ACME",
                rate_type="per_unit",
                plan="",
                rate=Decimal(80),
                valid_from=date(2024, 1, 1),
            )
        ]
    )
    ((rate,),) = fees.by_code.values()
    assert (rate.plan, rate.lesser_of, rate.valid_to) == (None, True, None)
