"""Contract rates and underpaid lines. Source: claims specification, 2.6 and section 10."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metriccare.marts.claims.expected import ExpectedLine
from metriccare.marts.claims.fees import Rate, fee_schedule
from metriccare.marts.claims.history import Cover
from metriccare.marts.stays.history import Coding
from tests.marts.claims.billed import answer_line, claim, event, ledger, line


def rate(id: str, value: str, type_: str = "per_unit", **columns: Any) -> Rate:
    return Rate(id, "ACME", type_, Decimal(value), **{"valid_from": date(2024, 1, 1), **columns})


def service(
    number: int, charge: object, code: str = "99213", units: str = "1", **columns: Any
) -> Any:
    procedure = Coding("cpt", code)
    return replace(line(number, charge), procedure=procedure, units=Decimal(units), **columns)


def expected(
    lines: tuple[Any, ...], answered: tuple[Any, ...], *rates: Rate, **columns: Any
) -> list[ExpectedLine]:
    of = ledger(
        claim(
            "C1", "2024-01-15", service=columns.pop("service", "2024-01-10"), lines=lines, **columns
        ),
        event("C1", "2024-02-01", lines=answered),
        fees=fee_schedule(rates),
    )
    return list(of.expected)


UNDERPAID = [
    ("150", "underpaid", -1000),
    ("158.50", "as_contracted", -150),
    ("158.40", "as_contracted", -160),
    ("158.39", "underpaid", -161),
    ("161.61", "overpaid", 161),
]


@pytest.mark.parametrize(("allowed", "verdict", "variance"), UNDERPAID)
def test_underpaid(allowed: str, verdict: str, variance: int) -> None:
    (of,) = expected(
        (service(1, 250, units="2"),),
        (answer_line(1, allowed, allowed=allowed),),
        rate("R1", "80.00", procedure_code="99213"),
    )
    assert (of.verdict, of.expected, of.variance, of.rate_id) == (verdict, 16000, variance, "R1")


RATES = [
    (rate("R", "80"), 16000),
    (rate("R", "200"), 25000),
    (rate("R", "200", lesser_of=False), 40000),
    (rate("R", "0.805", "percent_of_charge"), 20125),
    (rate("R", "90", "case"), 9000),
    (rate("R", "90", "per_diem"), 9000),
    (rate("R", "80", modifier="50"), None),
    (rate("R", "80", plan="GOLD"), None),
    (rate("R", "80", drg="470"), None),
    (rate("R", "80", facility_id="H9"), None),
    (rate("R", "80", procedure_code="99214"), None),
    (rate("R", "80", valid_from=date(2024, 1, 11)), None),
    (rate("R", "80", valid_to=date(2024, 1, 10)), 16000),
    (rate("R", "80", valid_to=date(2024, 1, 9)), None),
]


@pytest.mark.parametrize(("row", "value"), RATES)
def test_what_a_rate_is_worth(row: Rate, value: int | None) -> None:
    (of,) = expected((service(1, 250, units="2"),), (answer_line(1, 100),), row)
    assert of.expected == value
    assert (of.verdict == "no_rate") is (value is None)


def test_both_sides_are_worth_one_and_a_half() -> None:
    (of,) = expected(
        (service(1, 500, modifiers=("50",)),), (answer_line(1, 100),), rate("R", "80.33")
    )
    assert of.expected == 12050


def test_the_narrowest_rate_applies_and_two_alike_are_ambiguous() -> None:
    lines = (service(1, 500, modifiers=("LT",)),)
    wide, narrow = rate("R1", "80"), rate("R2", "90", procedure_code="99213")
    (of,) = expected(lines, (answer_line(1, 90),), wide, narrow)
    assert (of.rate_id, of.verdict) == ("R2", "as_contracted")
    (of,) = expected(lines, (answer_line(1, 90),), wide, narrow, rate("R3", "95", modifier="LT"))
    assert (of.rate_id, of.expected, of.verdict) == (None, None, "ambiguous_rate")


def test_a_rate_of_the_claim_is_split_over_its_lines() -> None:
    lines = (service(1, 1), service(2, 1), service(3, 1))
    answered = tuple(answer_line(n, 1) for n in (1, 2, 3))
    of = expected(lines, answered, rate("R", "2.00", "case", drg="470"), drg="470")
    assert [each.expected for each in of] == [66, 67, 67]


def test_days_are_counted_between_the_dates_of_service() -> None:
    from metriccare.marts.stays.partial_date import partial_date

    lines = (replace(service(1, 5000), service_from=partial_date("2024-01-10"),
                     service_to=partial_date("2024-01-13")),)  # fmt: skip
    (of,) = expected(lines, (answer_line(1, 3000),), rate("R", "1000", "per_diem"))
    assert of.expected == 300000


def test_denied_lines_are_not_compared() -> None:
    lines = (service(1, 100), service(2, 100))
    answered = (answer_line(1, 0, "CO-50 100"), answer_line(2, 80, "CO-45 20"))
    of = expected(lines, answered, rate("R", "80"))
    assert [each.verdict for each in of] == ["line_denied", "as_contracted"]


def test_a_plan_is_the_covers() -> None:
    gold = Cover(payer_id="ACME", payer="commercial", plan="GOLD")
    (of,) = expected(
        (service(1, 100),), (answer_line(1, 80),), rate("R", "80", plan="GOLD"), cover=gold
    )
    assert of.verdict == "as_contracted"


def test_without_a_fee_schedule_there_are_no_rows() -> None:
    assert expected((service(1, 100),), (answer_line(1, 80),)) == []
