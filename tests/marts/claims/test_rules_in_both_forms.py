"""Every warning about claims is raised in both forms that can carry it: FHIR rows and feed rows.

A form that cannot carry a fault is None, with the reason beside it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metriccare.marts.claims import from_feeds, from_feeds_paid, from_fhir, from_fhir_answers
from metriccare.marts.claims.compute import ClaimsResult, compute
from metriccare.marts.claims.history import ClaimsHistory, Cover, PaymentDetail
from metriccare.marts.claims.identity import ProviderFacts, ProviderRef, providers
from metriccare.marts.claims.rows import rows_of
from metriccare.marts.claims.rows_read import CPT, HCPCS
from metriccare.marts.stays.codesets import load_code_sets
from metriccare.marts.stays.facility import Facilities
from tests.marts.claims.silver_rows import (
    adjudication,
    coding,
    feed_adjustment,
    feed_claim,
    feed_line,
    feed_remit,
    feed_row,
    fhir_claim,
    item,
    response,
)

CODES = load_code_sets()
COVERS = {"V1": Cover(payer_id="ACME", payer="commercial", level=1)}
SENT, ANSWERED = "2024-01-15", "2024-02-01"
# Arrives in the evening of New York, when it is the next day in UTC.
BEFORE = datetime(2024, 1, 15, 3, tzinfo=UTC)


def computed(**rows: Any) -> ClaimsResult:
    return compute(
        ClaimsHistory("P1", date(2024, 6, 30), Facilities(default_zone="America/New_York"), **rows)
    )


def fhir(claims: Iterable[Any] = (), answers: Iterable[Any] = (), **more: Any) -> ClaimsResult:
    read = [from_fhir_answers.response_of(answer) for answer in answers]
    return computed(
        claims=tuple(from_fhir.claim_of(c, COVERS, CODES) for c in claims),
        answers=tuple(a for a in read if a is not None),
        **more,
    )


def feed(
    claims: Iterable[Any] = (),
    lines: Iterable[Any] = (),
    remits: Iterable[Any] = (),
    taken: Iterable[Any] = (),
    **more: Any,
) -> ClaimsResult:
    if transactions := more.pop("transactions", ()):
        more["transactions"] = from_feeds_paid.transactions_of(transactions)
    return computed(
        claims=from_feeds.claims_of(claims, lines, (), {"ACME": "commercial"}),
        answers=from_feeds_paid.answers_of(remits, taken),
        **more,
    )


def flags(of: ClaimsResult) -> set[str]:
    rows = rows_of(of)
    return {
        flag for name in ("claim", "remit", "account") for r in rows[name] for flag in r["dq_flags"]
    }


def billed(*items: Any, **values: Any) -> Any:
    return fhir_claim("C1", SENT, *(items or (item(1, 100),)), coverage_id="V1", **values)


def answered(*parts: Any, on: str = ANSWERED, **values: Any) -> Any:
    return response("R1", "C1", on, item(1, adjudications=list(parts)), **values)


PAID = (adjudication("submitted", 100), adjudication("benefit", 100))
LINE = (feed_line("C1", 1, 100),)
CLAIM = (feed_claim("C1", SENT, 100),)


def remit(paid: object = 100, on: str = ANSWERED, **values: Any) -> Any:
    return feed_remit("R1", "C1", 1, on, paid, **{"charge": Decimal(100), **values})


def invalid_npi(source: str, type_: str = "") -> Any:
    ref = ProviderRef(source, "H1", type_)
    return providers([ProviderFacts((ref,), npi="1234567890")])


def foreign(currency: str) -> dict[str, Any]:
    return {**item(2, 5), "currency": currency}


NUMBERED = [{"system": "s", "value": "N1", "type": None}]
Case = Callable[[], ClaimsResult] | None
CASES: dict[str, tuple[Case, Case]] = {
    "remit_orphan": (
        lambda: fhir(answers=[answered(*PAID)]),
        lambda: feed(remits=[remit()]),
    ),
    "remit_out_of_balance": (
        lambda: fhir([billed()], [answered(PAID[0], adjudication("benefit", 60))]),
        lambda: feed(CLAIM, LINE, [remit(60)]),
    ),
    "payment_mismatch": (
        lambda: fhir(
            [billed()],
            [answered(*PAID, payment_amount=Decimal(100), payment_date="2024-02-05")],
            payments=(PaymentDetail("R1", None, Decimal(90)),),
        ),
        None,  # a feed has no second amount of the same payment
    ),
    "claim_total_mismatch": (
        lambda: fhir([billed(total=Decimal(110))]),
        lambda: feed([feed_claim("C1", SENT, 110)], LINE),
    ),
    "currency_missing": (
        lambda: fhir([billed({**item(1, 100), "currency": None})]),
        lambda: feed([feed_claim("C1", SENT, 100, currency=None)], LINE),
    ),
    "currency_mixed": (
        lambda: fhir([billed(item(1, 100), foreign("CAD"))]),
        lambda: feed(
            [
                *CLAIM,
                feed_claim("C2", SENT, 50, original_claim_id="C1", currency="CAD"),
            ]
        ),
    ),
    "sub_cent": (
        lambda: fhir([billed(item(1, "14.916"))]),
        lambda: feed([feed_claim("C1", SENT, "14.916")], [feed_line("C1", 1, "14.916")]),
    ),
    "npi_invalid": (
        lambda: fhir([billed()], providers=invalid_npi("fhir", "Organization")),
        lambda: feed(CLAIM, LINE, providers=invalid_npi("feed")),
    ),
    "related_other_person": (
        lambda: fhir(
            [billed(related=[{"relationship": "prior", "claim_id": "X", "reference_value": None}])],
            claims_of_others=frozenset({"X"}),
        ),
        lambda: feed(
            [feed_claim("C1", SENT, 100, original_claim_id="X")],
            LINE,
            claims_of_others=frozenset({"X"}),
        ),
    ),
    "carc_unknown": (
        lambda: fhir(
            [billed()],
            [answered(PAID[0], adjudication("benefit", 0), adjudication("noncovered", 100, "999"))],
        ),
        lambda: feed(CLAIM, LINE, [remit(0)], [feed_adjustment("R1", "C1", 1, 1, "CO-999", 100)]),
    ),
    "remit_empty": (
        lambda: fhir([billed()], [answered(PAID[0])]),
        None,  # `paid` is required in a feed
    ),
    "units_not_positive": (
        lambda: fhir([billed(item(1, 100, quantity=Decimal(0)))]),
        lambda: feed(CLAIM, [feed_line("C1", 1, 100, units=Decimal(0))]),
    ),
    "service_after_submission": (
        lambda: fhir([billed(billable_start="2024-01-20", billable_end="2024-01-20")]),
        lambda: feed([feed_claim("C1", SENT, 100, service_from=date(2024, 1, 20))], LINE),
    ),
    "remit_before_submission": (
        lambda: fhir([billed()], [answered(*PAID, on="2024-01-12")]),
        lambda: feed(CLAIM, LINE, [remit(on="2024-01-12")]),
    ),
    "payment_before_remit": (
        lambda: fhir([billed()], [answered(*PAID, payment_date="2024-01-31")]),
        lambda: feed(CLAIM, LINE, [remit(payment_date=date(2024, 1, 31))]),
    ),
    "allowed_over_charge": (
        lambda: fhir([billed()], [answered(*PAID, adjudication("eligible", 120))]),
        lambda: feed(CLAIM, LINE, [remit(allowed=Decimal(120))]),
    ),
    "charge_negative": (
        None,  # the whole resource goes to quarantine: tests/pipeline/rule_cases.py
        lambda: feed(CLAIM, [*LINE, feed_line("C1", 2, -5)]),
    ),
    "duplicate_claim_number": (
        lambda: fhir(
            [
                billed(typed_identifiers=NUMBERED),
                fhir_claim("C2", SENT, item(1, 5), provider_id="H2", typed_identifiers=NUMBERED),
            ]
        ),
        lambda: feed(CLAIM, LINE, shared_numbers=frozenset({"C1"})),
    ),
}
FORMS = [
    pytest.param(name, case, id=f"{name}-{form}")
    for name, cases in CASES.items()
    for form, case in zip(("fhir", "feed"), cases, strict=True)
    if case is not None
]


@pytest.mark.parametrize(("flag", "case"), FORMS)
def test_the_rule_is_raised(flag: str, case: Callable[[], ClaimsResult]) -> None:
    assert flag in flags(case())


def test_a_sound_claim_raises_none_in_either_form() -> None:
    sound = answered(*PAID, payment_date="2024-02-05", payment_amount=Decimal(100))
    assert flags(fhir([billed(total=Decimal(100))], [sound])) == set()
    paid = remit(payment_date=date(2024, 2, 5), allowed=Decimal(100))
    assert flags(feed(CLAIM, LINE, [paid])) == set()


@pytest.mark.parametrize(
    "case",
    [
        lambda at: fhir([billed(ingested_at=at)]),
        lambda at: feed([feed_claim("C1", SENT, 100, ingested_at=at)], LINE),
        lambda at: fhir([billed()], [answered(*PAID, on=SENT, ingested_at=at)]),
        lambda at: feed(CLAIM, LINE, [remit(on=SENT, ingested_at=at)]),
        lambda at: feed(
            CLAIM,
            LINE,
            transactions=[
                feed_row(
                    "transactions",
                    transaction_id="T1",
                    claim_id="C1",
                    type="patient_payment",
                    amount=Decimal(5),
                    post_date=date.fromisoformat(SENT),
                    ingested_at=at,
                )
            ],
        ),
    ],
)
def test_a_date_after_the_day_of_arrival_waits_where_the_tenant_is(
    case: Callable[[datetime], ClaimsResult],
) -> None:
    # Still the 14th in New York.
    assert "date_in_future" in flags(case(BEFORE))
    assert "date_in_future" not in flags(case(BEFORE.replace(hour=5)))


def test_a_line_below_zero_is_left_out_unless_the_claim_is_a_void() -> None:
    lines = [*LINE, feed_line("C1", 2, -5)]
    rows = rows_of(feed(CLAIM, lines))
    assert [(r["line_number"], r["charge"]) for r in rows["claim_line"]] == [(1, Decimal(100))]
    void = feed(
        [feed_claim("C0", SENT, 5), feed_claim("C1", SENT, -5, frequency_code="8")],
        [feed_line("C0", 1, 5), feed_line("C1", 1, -5)],
    )
    assert "charge_negative" not in flags(void)


def test_claims_of_two_persons_with_one_number_are_kept_apart() -> None:
    own = rows_of(feed(CLAIM, LINE, [remit()], shared_numbers=frozenset({"C1"})))
    assert [row["claim_id"] for row in own["claim"]] == ["feed/C1"]
    assert [row["claim_id"] for row in own["remit"]] == ["feed/C1"]
    assert own["account"][0]["payer_paid"] == 100
    # The resource of that id keeps it.
    other = rows_of(fhir([billed()], shared_numbers=frozenset({"C1"})))
    assert [row["claim_id"] for row in other["claim"]] == ["C1"]
    assert other["claim"][0]["dq_flags"] == ["duplicate_claim_number"]


def test_claims_of_one_account_may_share_its_number() -> None:
    account = [{"system": "s", "value": "A1", "type": "AN"}]
    second = fhir_claim("C2", SENT, item(1, 5), provider_id="H2", typed_identifiers=account)
    assert "duplicate_claim_number" not in flags(fhir([billed(typed_identifiers=account), second]))


@pytest.mark.parametrize(("code", "system"), [("99213", CPT), ("G0463", HCPCS), ("j1885", HCPCS)])
def test_both_forms_give_a_procedure_the_same_system(code: str, system: str) -> None:
    for sent in (CPT, HCPCS, HCPCS.replace("http:", "https:")):
        coded = item(1, 100, procedure_codings=[coding(code, sent)])
        (row,) = rows_of(fhir([billed(coded)]))["claim_line"]
        assert row["procedure_system"] == system
    (row,) = rows_of(feed(CLAIM, [feed_line("C1", 1, 100, procedure_code=code)]))["claim_line"]
    assert row["procedure_system"] == system
    coded = item(1, 100, procedure_codings=[coding(code, "http://snomed.info/sct")])
    (row,) = rows_of(fhir([billed(coded)]))["claim_line"]
    assert row["procedure_system"] == "http://snomed.info/sct"


def test_both_forms_give_presence_on_admission_in_upper_case() -> None:
    diagnosis = {
        "sequence": 1,
        "condition_id": None,
        "condition_reference": None,
        "codings": [coding("I10")],
        "on_admission": "y",
        "type_codes": [],
    }
    (row,) = rows_of(fhir([billed(diagnoses=[diagnosis])]))["claim_diagnosis"]
    assert row["poa"] == "Y"
    sent = feed_claim("C1", SENT, 100, diagnosis_codes=["I10"], poa=["y"])
    (row,) = rows_of(feed([sent], LINE))["claim_diagnosis"]
    assert row["poa"] == "Y"


def test_a_feed_claim_with_a_number_of_nobody_else_keeps_its_id() -> None:
    of = feed(CLAIM, LINE, shared_numbers=frozenset({"other"}))
    assert [row["claim_id"] for row in rows_of(of)["claim"]] == ["C1"]
