"""Entries: the signed, dated money facts of an account. Source: claims specification, 1.8."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from metriccare.marts.claims.history import NOWHERE, Source

CHARGE, CONTRACTUAL, PATIENT_SHARE = "charge", "contractual", "patient_share"
PAYER_PAYMENT, PATIENT_PAYMENT, REFUND = "payer_payment", "patient_payment", "refund"
BAD_DEBT, CHARITY = "bad_debt", "charity"
DENIAL_WRITEOFF, SMALL_BALANCE = "denial_writeoff", "small_balance"
OTHER_ADJUSTMENT = "other_adjustment"
PAYER, PATIENT = "payer", "patient"

# What each type does to the balance.
SIGNS = {
    CHARGE: 1,
    CONTRACTUAL: -1,
    PAYER_PAYMENT: -1,
    PATIENT_SHARE: 0,
    PATIENT_PAYMENT: -1,
    BAD_DEBT: -1,
    CHARITY: -1,
    DENIAL_WRITEOFF: -1,
    SMALL_BALANCE: -1,
    OTHER_ADJUSTMENT: -1,
    REFUND: 1,
}
WRITE_OFFS = frozenset({BAD_DEBT, CHARITY, DENIAL_WRITEOFF, SMALL_BALANCE, OTHER_ADJUSTMENT})
# Whose debt a transaction changes unless its row says otherwise; patient payments are fixed.
PARTIES = {
    PATIENT_PAYMENT: PATIENT,
    BAD_DEBT: PATIENT,
    CHARITY: PATIENT,
    DENIAL_WRITEOFF: PAYER,
    SMALL_BALANCE: PAYER,
    OTHER_ADJUSTMENT: PAYER,
    REFUND: PATIENT,
}
_ORDER = {type_: place for place, type_ in enumerate(SIGNS)}


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry; `amount` in cents, positive in the usual sense of its type."""

    id: str
    type: str
    amount: int
    party: str
    post_date: date
    level: int | None = None
    claim_id: str | None = None
    remit_id: str | None = None
    transaction_id: str | None = None
    source: Source = NOWHERE
    point_of_service: bool | None = None

    @property
    def sign(self) -> int:
        """Return what the type does to the balance: 1, 0 or -1."""
        return SIGNS[self.type]

    @property
    def effect(self) -> int:
        """Return the change of the balance, in cents."""
        return SIGNS[self.type] * self.amount

    @property
    def patient_effect(self) -> int:
        """Return the change of what the patient owes, in cents."""
        if self.type == PATIENT_SHARE:
            return self.amount
        return self.effect if self.party == PATIENT and self.type != CHARGE else 0

    @property
    def order(self) -> tuple[date, int, str]:
        """Return what sorts entries."""
        return (self.post_date, _ORDER[self.type], self.id)


def entry_id(*parts: str | None) -> str:
    """Return a stable key of what an entry comes from; absent parts are empty."""
    return "|".join((part or "").replace("|", "||") for part in parts)
