"""What the contract says an answered line is worth. Source: claims specification, 2.6."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from metriccare.marts.claims.claim import Claim, Line, procedure_of
from metriccare.marts.claims.fees import (
    OF_CLAIM,
    PER_DIEM,
    PER_UNIT,
    PERCENT_OF_CHARGE,
    FeeSchedule,
    Rate,
    Service,
)
from metriccare.marts.claims.money import amount, cents, split
from metriccare.marts.claims.remit import Amounts

AS_CONTRACTED, UNDERPAID, OVERPAID = "as_contracted", "underpaid", "overpaid"
NO_RATE, AMBIGUOUS_RATE, LINE_DENIED = "no_rate", "ambiguous_rate", "line_denied"
_BILATERAL = "50"
# Both sides are paid one and a half times. Source: claims specification, 2.6 and 3.3.
_BILATERAL_FACTOR = Decimal("1.5")
# A difference up to one unit of currency, or 1 % of what is expected, is no difference.
_TOLERANCE_CENTS = 100
_TOLERANCE_SHARE = 100


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """An answered line beside its contract; amounts in cents."""

    line: Line
    claim: Claim
    allowed: int
    expected: int | None
    rate_id: str | None
    verdict: str

    @property
    def variance(self) -> int | None:
        """Return allowed - expected."""
        return None if self.expected is None else self.allowed - self.expected


def expected_lines(
    claim: Claim, answered: Mapping[int, Amounts], fees: FeeSchedule
) -> list[ExpectedLine]:
    """Return the lines of the claim that the answer in force mentions."""
    lines = [line for line in claim.lines if line.number in answered and line.charge > 0]
    if not lines or not fees.by_code:
        return []
    best = _best(claim, fees)
    expected = _expected(claim, best)
    found = []
    for line in lines:
        amounts, rates = answered[line.number], best[line.number]
        value = expected.get(line.number)
        found.append(
            ExpectedLine(
                line,
                claim,
                amounts.allowed,
                value,
                rates[0].rate_id if value is not None else None,
                _verdict(amounts, rates, value),
            )
        )
    return found


def _verdict(amounts: Amounts, rates: Sequence[Rate], expected: int | None) -> str:
    if amounts.is_denied:
        return LINE_DENIED
    if expected is None:
        return AMBIGUOUS_RATE if rates else NO_RATE
    difference = amounts.allowed - expected
    if abs(difference) * _TOLERANCE_SHARE <= max(_TOLERANCE_CENTS * _TOLERANCE_SHARE, expected):
        return AS_CONTRACTED
    return UNDERPAID if difference < 0 else OVERPAID


def _best(claim: Claim, fees: FeeSchedule) -> dict[int, tuple[Rate, ...]]:
    """Return the narrowest rates of each line that has a date of service."""
    codes = [c for each in claim.lines if (c := procedure_of(each).code)]
    modifiers = [m for each in claim.lines for m in each.modifiers]
    found: dict[int, tuple[Rate, ...]] = {}
    for line in claim.lines:
        day, code = line.service_from or claim.service_from, procedure_of(line).code
        found[line.number] = ()
        if day is not None:
            of_line = _service(claim, [code] if code else [], line.modifiers, day)
            of_claim = _service(claim, codes, modifiers, claim.service_from or day)
            found[line.number] = fees.best(of_line, of_claim)
    return found


def _service(claim: Claim, codes: Sequence[str], modifiers: Sequence[str], day: date) -> Service:
    plan = claim.sent.cover.plan if claim.sent.cover else None
    return Service(claim.payer_id, plan, codes, modifiers, claim.sent.drg, claim.facility_id, day)


def _expected(claim: Claim, best: Mapping[int, tuple[Rate, ...]]) -> dict[int, int]:
    """Return what each line with one rate is worth; a rate of the claim is split over its lines."""
    found: dict[int, int] = {}
    of_claim: dict[str, list[Line]] = {}
    for line in claim.lines:
        if len(best[line.number]) != 1:
            continue
        rate = best[line.number][0]
        if rate.rate_type in OF_CLAIM:
            of_claim.setdefault(rate.rate_id, []).append(line)
        else:
            found[line.number] = _capped(rate, _of_line(rate, line), line.charge)
    for lines in of_claim.values():
        rate = best[lines[0].number][0]
        value = _capped(rate, _of_claim(rate, claim), claim.charge)
        parts = split(value, [max(0, line.charge) for line in lines])
        found.update(zip((line.number for line in lines), parts, strict=True))
    return found


def _capped(rate: Rate, value: Decimal, charge: int) -> int:
    return min(cents(value), charge) if rate.lesser_of else cents(value)


def _of_line(rate: Rate, line: Line) -> Decimal:
    if rate.rate_type == PERCENT_OF_CHARGE:
        return rate.rate * amount(line.charge)
    units = Decimal(1) if line.units is None else line.units
    factor = _BILATERAL_FACTOR if _BILATERAL in line.modifiers else Decimal(1)
    return rate.rate * units * factor if rate.rate_type == PER_UNIT else rate.rate


def _of_claim(rate: Rate, claim: Claim) -> Decimal:
    if rate.rate_type != PER_DIEM or not claim.service_from or not claim.service_to:
        return rate.rate
    return rate.rate * max(1, (claim.service_to - claim.service_from).days)
