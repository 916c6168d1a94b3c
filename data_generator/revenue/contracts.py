"""What a contract pays for the lines of a claim."""

from __future__ import annotations

from collections.abc import Sequence

from data_generator.adjudication import parts
from data_generator.facts import contracts as facts
from data_generator.revenue.account import Care, ChargeLine


def expected(payer: str, care: Care, lines: Sequence[ChargeLine]) -> list[int]:
    """Return what the contract pays for each line, at most its charge."""
    whole = _of_the_claim(payer, care, lines)
    if whole is not None:
        charges = [line.charge for line in lines]
        return parts(min(whole, sum(charges)), charges)
    return [_of_the_line(payer, line) for line in lines]


def _of_the_claim(payer: str, care: Care, lines: Sequence[ChargeLine]) -> int | None:
    """Return the rate per case or per day, which is one amount for the claim."""
    if care.bill_type is None:
        return None
    per_case = facts.CASE.get((payer, care.drg or ""))
    if per_case is not None:
        return per_case
    per_day = facts.PER_DIEM.get((payer, care.hospital.organization_id))
    if per_day is None:
        return None
    days = max(line.last for line in lines) - min(line.first for line in lines)
    return per_day * max(1, days)


def _of_the_line(payer: str, line: ChargeLine) -> int:
    per_unit = facts.PER_UNIT.get((payer, line.code or ""))
    if per_unit is not None:
        return min(line.charge, per_unit * line.quantity)
    # Rounded half up to the cent.
    return (line.charge * facts.PERCENT[payer] + 500) // 1000


def underpaid(allowed: int, due: int) -> bool:
    """Return True if an allowed amount is below the contract by more than the tolerance."""
    return allowed * facts.TOLERANCE_DIVISOR < due * facts.TOLERANCE_DIVISOR - max(
        facts.SMALLEST_TOLERANCE * facts.TOLERANCE_DIVISOR, due
    )


def overpaid(allowed: int, due: int) -> bool:
    """Return True if an allowed amount is above the contract by more than the tolerance."""
    return allowed * facts.TOLERANCE_DIVISOR > due * facts.TOLERANCE_DIVISOR + max(
        facts.SMALLEST_TOLERANCE * facts.TOLERANCE_DIVISOR, due
    )
