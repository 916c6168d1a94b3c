"""Care waits for a claim from the day it ends until the first claim names it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from metriccare.marts.claims.compute import compute
from metriccare.marts.claims.history import (
    ClaimsHistory,
    EncounterFacts,
    SentCharge,
    SentClaim,
    StayFacts,
)
from metriccare.marts.claims.identity import ProviderRef
from metriccare.marts.stays.facility import Facilities
from metriccare.marts.stays.history import Coding
from metriccare.marts.stays.partial_date import partial_date
from tests.marts.claims.billed import AS_OF, COMMERCIAL, claim, line


def visit(id_: str, on: str, **more: Any) -> EncounterFacts:
    at = partial_date(on)
    return EncounterFacts(id_, more.pop("is_finished", True), at, at, "H1", **more)


def charge(encounter: str, amount: int, service: str, posted: str | None = None) -> SentCharge:
    day = partial_date(posted or service)
    return SentCharge(encounter, Decimal(amount), partial_date(service), day, "ZZ001")


def billed(id_: str, submitted: str, encounter: str, *amounts: int, **more: Any) -> SentClaim:
    lines = tuple(
        line(n, amount, procedure=Coding("demo", "ZZ001"), service_from=partial_date("2024-05-30"))
        for n, amount in enumerate(amounts, 1)
    )
    of = {"service": "2024-05-30", "lines": lines, "encounter_ids": (encounter,)}
    return claim(id_, submitted, **of, **more)


def spans(*parts: Any, stays: tuple[StayFacts, ...] = (), as_of: date = AS_OF):
    """Return care, first and last evening, whether it has ended, and its charges."""
    of = ClaimsHistory(
        "p1",
        as_of,
        Facilities(),
        claims=tuple(p for p in parts if isinstance(p, SentClaim)),
        charges=tuple(p for p in parts if isinstance(p, SentCharge)),
        encounters=tuple(p for p in parts if isinstance(p, EncounterFacts)),
        covers=(COMMERCIAL,),
        stays=stays,
    )
    return [
        (
            care.care_id,
            str(care.from_date),
            care.to_date and str(care.to_date),
            care.is_discharged,
            care.charges,
        )
        for care in compute(of).unbilled
    ]


VISIT = visit("E1", "2024-05-30")


def test_a_visit_waits_from_its_end_to_its_first_claim():
    assert spans(VISIT, charge("E1", 40, "2024-05-30"), billed("C1", "2024-06-04", "E1", 40)) == [
        ("encounter/E1", "2024-05-30", "2024-06-04", True, 4000)
    ]
    assert spans(VISIT, charge("E1", 40, "2024-05-30")) == [
        ("encounter/E1", "2024-05-30", None, True, 4000)
    ]


def test_charges_grow_with_each_day_of_posting():
    assert spans(
        VISIT, charge("E1", 40, "2024-05-30"), charge("E1", 5, "2024-05-30", "2024-06-02")
    ) == [
        ("encounter/E1", "2024-05-30", "2024-06-02", True, 4000),
        ("encounter/E1", "2024-06-02", None, True, 4500),
    ]


def test_lines_of_the_first_claim_stand_for_charges_that_are_gone():
    once = charge("E1", 40, "2024-05-30")
    first = billed("C1", "2024-06-04", "E1", 40, 60)
    again = billed("C2", "2024-06-20", "E1", 999, prior_ids=("C1",))
    assert [each[-1] for each in spans(VISIT, first, again)] == [10000]
    # The charge on record is the first line; the second one is gone from the record.
    assert [each[-1] for each in spans(VISIT, once, first)] == [10000]


def test_care_that_was_billed_before_it_ended_never_waits():
    assert spans(VISIT, billed("C1", "2024-05-30", "E1", 40)) == []


def test_care_that_goes_on_is_not_discharged():
    goes_on = visit("E1", "2024-05-30", is_finished=False)
    assert spans(goes_on, charge("E1", 40, "2024-06-01")) == [
        ("encounter/E1", "2024-06-01", None, False, 4000)
    ]
    assert spans(goes_on) == []


def test_without_a_charge_or_line_the_amount_is_unknown():
    assert spans(VISIT) == [("encounter/E1", "2024-05-30", None, True, None)]


def test_a_claim_that_names_one_encounter_of_a_stay_names_the_stay():
    stay = StayFacts("E1", ("E1", "E2"), date(2024, 5, 31))
    parts = VISIT, visit("E2", "2024-05-31")
    assert spans(*parts, billed("C1", "2024-06-03", "E2", 70), stays=(stay,)) == [
        ("stay/E1", "2024-05-30", "2024-05-31", False, 7000),
        ("stay/E1", "2024-05-31", "2024-06-03", True, 7000),
    ]


def test_parts_of_a_visit_are_one_visit():
    part = visit("E2", "2024-05-30", part_of_id="E1")
    assert [each[0] for each in spans(VISIT, part, charge("E2", 5, "2024-05-30"))] == [
        "encounter/E1"
    ]


def test_an_earlier_evening_knows_no_later_claim_or_posting():
    late = charge("E1", 5, "2024-05-30", "2024-06-02")
    parts = VISIT, charge("E1", 40, "2024-05-30"), late, billed("C1", "2024-06-04", "E1", 40)
    assert spans(*parts, as_of=date(2024, 5, 31)) == [
        ("encounter/E1", "2024-05-30", "2024-06-02", True, 4000)
    ]


def test_care_without_charge_or_claim_is_of_the_one_who_attends():
    attender = ProviderRef("fhir", "d1", "Practitioner")
    of = ClaimsHistory(
        "p1", AS_OF, Facilities(), encounters=(visit("E1", "2024-05-30", attender=attender),)
    )
    (care,) = compute(of).unbilled
    assert care.provider is not None
    assert care.provider.provider_id == attender.own_key
