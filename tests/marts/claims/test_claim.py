"""Which claims count, their dates, charges and people. Source: specification, 1.4 and 1.5."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from metriccare.marts.claims.charges import charge_of
from metriccare.marts.claims.claim import Claim
from metriccare.marts.claims.history import CareTeamMember, SentClaim, Source, StayFacts
from metriccare.marts.claims.identity import Provider, ProviderFacts, ProviderRef, is_npi, providers
from metriccare.marts.claims.ledger import ClaimStanding
from metriccare.marts.stays.facility import Facilities, LocationFacts, OrganizationFacts
from metriccare.marts.stays.partial_date import partial_date
from tests.marts.claims.billed import answer_line, claim, history, ledger, line, result, statement


def standing(sent: SentClaim, *rows: Any, **columns: Any) -> ClaimStanding:
    (only,) = ledger(sent, *rows, **columns).claims
    return only


def resolved(sent: SentClaim, *rows: Any, **columns: Any) -> Claim:
    return standing(sent, *rows, **columns).claim


@pytest.mark.parametrize(
    ("columns", "counts"),
    [
        ({"use": "claim", "status": "active"}, True),
        ({"use": "claim", "status": "cancelled"}, True),
        ({"use": "preauthorization"}, False),
        ({"use": "predetermination"}, False),
        ({"use": "claim", "status": "draft"}, False),
        ({"use": "claim", "status": "entered-in-error"}, False),
    ],
)
def test_only_requests_for_payment_count(columns: dict[str, str], counts: bool) -> None:
    assert bool(result(claim("C1", "2024-01-15", 100, **columns)).ledgers) is counts


def test_a_line_charges_its_net_else_price_times_quantity_times_factor() -> None:
    two, price, factor = Decimal(2), Decimal("10.50"), Decimal("0.5")
    assert charge_of(Decimal(7), price, two, factor) == 7
    assert charge_of(None, price, two, factor) == Decimal("10.50")
    assert charge_of(None, price, None, None) == price
    assert charge_of(None, None, two, None) is None


@pytest.mark.parametrize(
    ("total", "lines", "charges", "flags"),
    [
        (100, (60, 40), [6000, 4000], set()),
        (100, (60, None, None), [6000, 4000, 0], {"charge_derived"}),
        (100, (60, 50), [6000, 5000], {"claim_total_mismatch"}),
        (50, (60, None), [6000, 0], {"claim_total_mismatch"}),
        (100, (), [10000], set()),
        ("29.83", ("14.916", "14.916"), [1492, 1492], {"sub_cent"}),
    ],
)
def test_charges_of_lines_and_the_total(
    total: object, lines: tuple[object, ...], charges: list[int], flags: set[str]
) -> None:
    sent = tuple(line(n, charge) for n, charge in enumerate(lines, 1))
    of = resolved(claim("C1", "2024-01-15", total, lines=sent))
    assert [each.charge for each in of.lines] == charges
    assert of.flags == flags
    assert of.charge == sum(charges)


def test_a_missing_currency_is_the_tenants() -> None:
    of = resolved(claim("C1", "2024-01-15", 100, currency=None), default_currency="EUR")
    assert (of.currency, of.flags) == ("EUR", {"currency_missing"})


def test_lines_in_another_currency_are_left_out() -> None:
    lines = (line(1, 60), replace(line(2, 40), currency="CAD"))
    of = resolved(claim("C1", "2024-01-15", 60, lines=lines))
    assert (of.charge, of.flags) == (6000, {"currency_mixed"})


def test_service_dates_are_those_of_the_lines_else_of_the_claim() -> None:
    dated = replace(line(1, 100), service_from=partial_date("2024-01-11"))
    of = resolved(claim("C1", "2024-01-15", service="2024-01-10", lines=(dated,)))
    assert (of.service_from, of.service_to) == (date(2024, 1, 11), date(2024, 1, 11))
    of = resolved(claim("C1", "2024-01-15", 100, service="2024-01-10"))
    assert (of.service_from, of.service_to) == (date(2024, 1, 10), date(2024, 1, 10))


def test_without_own_dates_only_the_start_of_the_benefits_period_is_used() -> None:
    undated = replace(claim("C1", "2024-01-15", 100), service_from=None, service_to=None)
    benefit = replace(
        statement("C1", "2024-02-01", 100), is_benefit=True, service_from=partial_date("2024-01-09")
    )
    of = resolved(undated, benefit)
    assert (of.service_from, of.service_to) == (date(2024, 1, 9), date(2024, 1, 9))


def test_an_instant_is_a_date_in_the_zone_of_the_facility() -> None:
    # Four in the morning UTC is the evening before in New York.
    assert resolved(claim("C1", "2024-01-15T04:00:00Z", 100)).submitted_date == date(2024, 1, 14)


def test_discharge_is_the_stays_else_as_sent_else_the_last_day() -> None:
    sent = claim("C1", "2024-01-15", 100, "2024-01-10", encounter_ids=("E1",))
    stay = StayFacts("S1", ("E1",), date(2024, 1, 12))
    assert resolved(sent, stays=(stay,)).discharge_date == date(2024, 1, 12)
    assert resolved(sent, stays=(stay,)).stay_id == "S1"
    own = replace(sent, discharge_date=date(2024, 1, 11))
    assert resolved(own).discharge_date == date(2024, 1, 11)
    assert resolved(sent).discharge_date == date(2024, 1, 10)


@pytest.mark.parametrize(
    ("columns", "frequency"),
    [
        ({"frequency": 5}, 5),
        ({"type_of_bill": "0137"}, 7),
        ({"type_of_bill": "111"}, 1),
        ({"prior_ids": ("X",)}, 7),
        ({"frequency": 1, "prior_ids": ("X",)}, 1),
        ({"frequency": 6}, 7),
        ({"frequency": 9}, 1),
        ({}, 1),
    ],
)
def test_frequency(columns: dict[str, Any], frequency: int) -> None:
    assert resolved(claim("C1", "2024-01-15", 100, **columns)).frequency == frequency


@pytest.mark.parametrize(
    ("npi", "valid"),
    [
        ("1234567893", True),
        ("1234567890", False),
        ("0000000000", False),
        ("123456789", False),
        ("12345678\uff193", False),
        (None, False),
    ],
)
def test_npi(npi: str | None, valid: bool) -> None:
    assert is_npi(npi) is valid


DOCTOR = ProviderRef("fhir", "D1", "Practitioner")
OTHER = ProviderRef("feed", "77")
ORGANIZATION = ProviderRef("fhir", "H1", "Organization")
KNOWN = providers(
    [
        ProviderFacts((DOCTOR,), "1234567893", 1, "207R00000X"),
        ProviderFacts((OTHER,), "1234567893"),
        ProviderFacts((ORGANIZATION,), "1234567890", 2),
    ]
)


def test_two_rows_with_one_npi_are_one_provider() -> None:
    assert KNOWN.of(OTHER) == KNOWN.of(DOCTOR) == Provider("npi:1234567893", True, "207R00000X")


def test_an_invalid_npi_is_no_key_and_is_flagged() -> None:
    of = resolved(claim("C1", "2024-01-15", 100, billing=ORGANIZATION), providers=KNOWN)
    assert (of.billing_provider_id, of.flags) == ("fhir/H1", {"npi_invalid"})


@pytest.mark.parametrize(
    ("claim_type", "team", "measured"),
    [
        ("institutional", [("primary", "A"), ("attending", "B")], "fhir/B"),
        ("professional", [("attending", "A"), ("rendering", "B")], "fhir/B"),
        ("professional", [("primary", "A"), ("performing", "B")], "fhir/B"),
        ("professional", [("assist", "A"), (None, "B")], "fhir/A"),
        ("professional", [], None),
    ],
)
def test_who_is_measured(
    claim_type: str, team: list[tuple[str | None, str]], measured: str | None
) -> None:
    members = tuple(
        CareTeamMember(role, ProviderRef("fhir", id_, "Practitioner")) for role, id_ in team
    )
    sent = claim("C1", "2024-01-15", 100, claim_type=claim_type, care_team=members)
    assert resolved(sent).provider_id == measured


def test_without_a_care_team_the_benefits_provider_is_measured_if_a_person() -> None:
    benefit = replace(statement("C1", "2024-02-01", 100), is_benefit=True, provider=DOCTOR)
    sent = claim("C1", "2024-01-15", 100, billing=ORGANIZATION)
    assert resolved(sent, benefit).provider_id == "fhir/D1"
    assert resolved(sent).provider_id is None


def test_a_lines_own_provider_beats_the_claims() -> None:
    team = (CareTeamMember("rendering", DOCTOR),)
    own = replace(line(1, 50), provider=ProviderRef("fhir", "D2", "Practitioner"))
    of = resolved(claim("C1", "2024-01-15", lines=(own, line(2, 50)), care_team=team))
    assert [each.provider_id for each in of.lines] == ["fhir/D2", "fhir/D1"]


def test_facility_is_the_locations_else_the_encounters_else_who_bills() -> None:
    places = Facilities(
        {"H1": OrganizationFacts("H1"), "W1": OrganizationFacts("W1", kind="department",
                                                                part_of_id="H1")},
        {"L1": LocationFacts("L1", organization_id="H1")},
    )  # fmt: skip
    sent = claim("C1", "2024-01-15", 100, billing=ORGANIZATION, encounter_ids=("E1",))
    of = replace(history(replace(sent, location_id="L1")), facilities=places)
    assert result_of(of).facility_id == "H1"
    of = replace(history(sent), facilities=places, encounter_hospitals={"E1": "W1"})
    assert result_of(of).facility_id == "H1"
    assert result_of(replace(history(sent), facilities=places)).facility_id == "H1"


def result_of(of: Any) -> Claim:
    from metriccare.marts.claims.compute import compute

    return compute(of).ledgers[0].claims[0].claim


def test_flags_of_claims() -> None:
    assert (
        "service_after_submission" in standing(claim("C1", "2024-01-15", 100, "2024-01-16")).flags
    )
    assert (
        "units_not_positive"
        in standing(claim("C1", "2024-01-15", lines=(replace(line(1, 5), units=Decimal(0)),))).flags
    )
    assert (
        "related_other_person"
        in standing(
            claim("C1", "2024-01-15", 100, prior_ids=("X",)), claims_of_others=frozenset({"X"})
        ).flags
    )


def test_a_claim_dated_after_it_arrived_never_counts() -> None:
    arrived = Source(
        "f", 1, "feed", datetime(2024, 1, 2, tzinfo=UTC), datetime(2024, 1, 2, tzinfo=UTC)
    )
    of = ledger(claim("C1", "2024-01-15", 100, source=arrived))
    assert of.account is None
    assert of.entries == ()
    assert of.claims[0].flags == {"date_in_future"}


def test_two_lines_of_one_number_are_two_lines() -> None:
    lines = (line(1, 60), line(2, 10), line(1, 30))
    of = resolved(claim("C1", "2024-01-15", lines=lines))
    assert [(each.number, each.charge) for each in of.lines] == [(1, 6000), (2, 1000), (3, 3000)]


def test_modifiers_are_upper_case_and_sorted() -> None:
    of = resolved(claim("C1", "2024-01-15", lines=(replace(line(1, 5), modifiers=("lt", "25")),)))
    assert of.lines[0].modifiers == ("25", "LT")


def test_an_answer_without_lines_keeps_the_claims_lines() -> None:
    of = ledger(
        claim("C1", "2024-01-15", lines=(line(1, 60), line(2, 40))),
        statement("C1", "2024-02-01", lines=(answer_line(1, 60),)),
    )
    assert [c.claim.charge for c in of.claims] == [10000]
