"""Claims that count, with everything about them worked out. Source: specification, 1.5."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from metriccare.marts.claims.history import (
    SentClaim,
    SentLine,
)
from metriccare.marts.claims.identity import Provider
from metriccare.marts.stays.history import Coding

ACTIVE, CANCELLED = "active", "cancelled"
INSTITUTIONAL = "institutional"
UNKNOWN = "unknown"
ORIGINAL, LATE_CHARGES, REPLACEMENT, VOID = 1, 5, 7, 8
# 2 to 5 add to what is in force: interim bills and late charges.
ADDING = frozenset({2, 3, 4, LATE_CHARGES})
_USE = "claim"


@dataclass(frozen=True, slots=True)
class Line:
    """A claim line; `charge` in cents."""

    number: int
    charge: int
    sent: SentLine
    service_from: date | None
    service_to: date | None
    modifiers: tuple[str, ...]
    units: Decimal | None
    provider_id: str | None
    diagnosis_codes: tuple[str, ...]
    encounter_id: str | None


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim that counts; `charge` in cents. `frequency` is as sent, before the account's walk."""

    id: str
    sent: SentClaim
    level: int
    frequency: int
    is_cancelled: bool
    # From this day on a cancelled claim is void.
    cancelled_on: date | None
    billing_provider_id: str | None
    provider: Provider | None
    facility_id: str | None
    payer_id: str | None
    payer: str
    encounter_ids: tuple[str, ...]
    stay_id: str | None
    service_from: date | None
    service_to: date | None
    discharge_date: date | None
    submitted_date: date | None
    zone: ZoneInfo
    charge: int
    currency: str
    lines: tuple[Line, ...]
    flags: frozenset[str]

    @property
    def provider_id(self) -> str | None:
        """Return the key of the provider who is measured."""
        return self.provider.provider_id if self.provider else None


def counts(claim: SentClaim) -> bool:
    """Return True for a claim that asks for payment; a source without use and status does."""
    return claim.use in (None, _USE) and claim.status in (None, ACTIVE, CANCELLED)


def procedure_of(line: Line) -> Coding:
    """Return the procedure code of a line, empty when it has none."""
    return line.sent.procedure or Coding(None, None)
