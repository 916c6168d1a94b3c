"""What each payer's contract pays: per unit, percent of charge, per day, per case.

All rates are assumed. Every rate is also a row of the feed ``fee_schedule``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from data_generator.facts.hospitals import SKILLED_NURSING
from data_generator.facts.people import PAYERS, PayerKind
from data_generator.facts.services import PROFESSIONAL


class RateType(StrEnum):
    """How a rate becomes an amount."""

    PER_UNIT = "per_unit"
    PERCENT = "percent_of_charge"
    PER_DIEM = "per_diem"
    CASE = "case"


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate: cents, or thousandths of the charge for ``PERCENT``; "" applies to all."""

    payer: str
    type: RateType
    value: int
    code: str = ""
    drg: str = ""
    facility: str = ""

    @property
    def id(self) -> str:
        """Return the id of the rate."""
        parts = (self.payer, self.type, self.code or self.drg or self.facility)
        return "-".join(part for part in parts if part)

    @property
    def text(self) -> str:
        """Return the rate as decimal text: dollars, or a share of the charge."""
        if self.type is RateType.PERCENT:
            return f"0.{self.value:03d}"
        return f"{self.value // 100}.{self.value % 100:02d}"


# Professional fees are paid better than hospital charges, which are list prices: assumed factor.
_FEE_FACTOR = 1.3
_CASES = {
    "medicare": {"470": 1_380_000, "195": 690_000, "872": 930_000, "293": 650_000},
    "buckeye": {"470": 2_150_000, "788": 980_000, "419": 1_240_000},
}
_PER_DIEM = {"medicare": 42_500, "riverbank": 38_000, "veterans": 33_000}


def _rates() -> tuple[Rate, ...]:
    rates = []
    for payer in (p for p in PAYERS if p.kind is not PayerKind.SELF_PAY):
        share = round(payer.share * 1000)
        rates.append(Rate(payer.key, RateType.PERCENT, share))
        for service in PROFESSIONAL:
            fee = round(service.charge * payer.share * _FEE_FACTOR)
            rates.append(Rate(payer.key, RateType.PER_UNIT, fee, code=service.hcpcs or ""))
        for drg, value in _CASES.get(payer.key, {}).items():
            rates.append(Rate(payer.key, RateType.CASE, value, drg=drg))
        if payer.key in _PER_DIEM:
            facility = f"org-{SKILLED_NURSING.key}"
            value = _PER_DIEM[payer.key]
            rates.append(Rate(payer.key, RateType.PER_DIEM, value, facility=facility))
    return tuple(rates)


RATES = _rates()
PERCENT = {r.payer: r.value for r in RATES if r.type is RateType.PERCENT}
PER_UNIT = {(r.payer, r.code): r.value for r in RATES if r.type is RateType.PER_UNIT}
CASE = {(r.payer, r.drg): r.value for r in RATES if r.type is RateType.CASE}
PER_DIEM = {(r.payer, r.facility): r.value for r in RATES if r.type is RateType.PER_DIEM}

# A line is underpaid or overpaid only beyond the larger of $1.00 and 1 % of what is expected.
SMALLEST_TOLERANCE, TOLERANCE_DIVISOR = 100, 100
