"""Contract rates: the rows of the fee schedule, and which of them apply to a line.

Source: claims specification, 2.6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import NamedTuple

PER_UNIT, PERCENT_OF_CHARGE = "per_unit", "percent_of_charge"
PER_DIEM, CASE = "per_diem", "case"
# Rates of the claim as a whole: one value, given to the lines in proportion to their charges.
OF_CLAIM = frozenset({PER_DIEM, CASE})


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of the fee schedule; `percent_of_charge` is a fraction (0.8), never 80."""

    rate_id: str
    payer_id: str
    rate_type: str
    rate: Decimal
    valid_from: date
    valid_to: date | None = None
    plan: str | None = None
    procedure_code: str | None = None
    modifier: str | None = None
    drg: str | None = None
    facility_id: str | None = None
    lesser_of: bool = True


class Service(NamedTuple):
    """What a rate is looked up by: a line with its claim's plan, group and facility."""

    payer_id: str | None
    plan: str | None
    procedure_codes: Collection[str]
    modifiers: Collection[str]
    drg: str | None
    facility_id: str | None
    date: date


def _specificity(rate: Rate) -> int:
    """Return the number of columns that narrow the row."""
    columns = (rate.plan, rate.procedure_code, rate.modifier, rate.drg, rate.facility_id)
    return sum(column is not None for column in columns)


@dataclass(frozen=True)
class FeeSchedule:
    """The rates of a tenant, by payer and procedure code."""

    by_code: Mapping[tuple[str, str | None], tuple[Rate, ...]] = field(default_factory=dict)

    def best(self, line: Service, claim: Service) -> tuple[Rate, ...]:
        """Return the applicable rows that are narrowest: none, the one, or several alike."""
        payer = line.payer_id or ""
        codes = dict.fromkeys((None, *line.procedure_codes, *claim.procedure_codes))
        fitting = [
            rate
            for code in codes
            for rate in self.by_code.get((payer, code), ())
            if _applies(rate, claim if rate.rate_type in OF_CLAIM else line)
        ]
        if len(fitting) < 2:
            return tuple(fitting)
        most = max(_specificity(rate) for rate in fitting)
        return tuple(rate for rate in fitting if _specificity(rate) == most)


def _applies(rate: Rate, service: Service) -> bool:
    return (
        rate.valid_from <= service.date
        and (rate.valid_to is None or service.date <= rate.valid_to)
        and (rate.procedure_code is None or rate.procedure_code in service.procedure_codes)
        and (rate.modifier is None or rate.modifier in service.modifiers)
        and rate.plan in (None, service.plan)
        and rate.drg in (None, service.drg)
        and rate.facility_id in (None, service.facility_id)
    )


def fee_schedule(rates: Iterable[Rate]) -> FeeSchedule:
    """Return the lookup of a tenant's rates."""
    by_code: dict[tuple[str, str | None], list[Rate]] = {}
    for rate in sorted(rates, key=lambda r: r.rate_id):
        by_code.setdefault((rate.payer_id, rate.procedure_code), []).append(rate)
    return FeeSchedule({key: tuple(rows) for key, rows in by_code.items()})


NO_FEE_SCHEDULE = FeeSchedule()
