"""Lines of an answer on their way to amounts in cents. Source: claims specification, 1.7."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from metriccare.marts.claims import flags
from metriccare.marts.claims.history import (
    AnswerLine,
    SentAdjustment,
)
from metriccare.marts.claims.money import read_cents, split
from metriccare.marts.claims.reasons import (
    CO,
    CONTRACTUAL,
    DENIAL,
    PATIENT,
    PR,
    PRIOR_PAYER,
)
from metriccare.marts.claims.remit import Amounts

# What the patient owes by contract, in group PR: with what is paid it is the allowed amount.
_SHARES = frozenset({"1", "2", "3"})
# What the contract takes off, where no code says so. Source: claims specification, 1.7.2.
_DISCOUNT = "45"
# The number under which amounts of the claim as a whole are kept.
CLAIM_AS_A_WHOLE = 0


class Taken(NamedTuple):
    """An adjustment in cents before it is classified; None takes the charge if it is a denial."""

    sent: SentAdjustment
    amount: int | None


@dataclass
class LineDraft:
    """A line on its way: amounts in cents, with its part of the header's adjustments."""

    charge: int
    allowed: int | None
    paid: int
    own: list[Taken] = field(default_factory=list)
    of_header: list[tuple[SentAdjustment, int]] = field(default_factory=list)


def summed(draft: LineDraft, allowed: int, parts: Iterable[tuple[str, str, int]]) -> Amounts:
    """Return a line's amounts: the class says what an adjustment is, the group who owes it."""
    contractual = share = denied = denied_patient = prior = adjusted = 0
    for group, class_, part in parts:
        adjusted += part
        if class_ == DENIAL:
            if group == PR:
                denied_patient += part
                share += part
            else:
                denied += part
        elif class_ == PRIOR_PAYER:
            prior += part
        elif class_ in (CONTRACTUAL, PATIENT):
            if group == PR:
                share += part
            else:
                contractual += part
    rest = draft.charge - draft.paid - adjusted
    return Amounts(
        draft.charge,
        allowed,
        draft.paid,
        contractual,
        share,
        denied,
        denied_patient,
        prior,
        rest,
    )


def allowed_of(draft: LineDraft) -> int:
    """Return the allowed amount; without one what is paid and what the patient shares."""
    if draft.allowed is not None:
        return draft.allowed
    shares = sum(t.amount or 0 for t in draft.own if _is_share(t.sent))
    return draft.paid + shares + sum(part for sent, part in draft.of_header if _is_share(sent))


def _is_share(sent: SentAdjustment) -> bool:
    if sent.adjustment_class == PATIENT and sent.carc is None:
        # What FHIR calls the member's liability is all shares together.
        return True
    return sent.carc in _SHARES and sent.group in (None, PR)


def _money(amount: Decimal | None, sign: int, found: set[str]) -> int | None:
    if amount is None:
        return None
    value, is_rounded = read_cents(amount)
    if is_rounded:
        found.add(flags.SUB_CENT)
    # A reversal carries negative amounts; positive ones are negated.
    return -abs(value) if sign < 0 else value


def draft_of(line: AnswerLine, charges: Mapping[int, int], sign: int, found: set[str]) -> LineDraft:
    """Return a line's amounts in cents; its charge is the claim's where it gives none."""
    given = _money(line.charge, sign, found)
    charge = sign * charges.get(line.number, 0) if given is None else given
    return LineDraft(
        charge,
        _money(line.allowed, sign, found),
        _money(line.paid, sign, found) or 0,
        taken_of(line, charge, sign, found),
    )


def taken_of(line: AnswerLine, charge: int, sign: int, found: set[str]) -> list[Taken]:
    """Return the adjustments in cents, with the discount where FHIR leaves it to be derived."""
    taken = [Taken(a, _money(a.amount, sign, found)) for a in line.adjustments]
    allowed = _money(line.allowed, sign, found)
    if line.derives_contractual and allowed is not None and allowed > 0:
        # Shares of the patient are part of what is allowed.
        others = sum(t.amount or 0 for t in taken if not _is_share(t.sent))
        discount = charge - allowed - others
        if discount:
            taken.insert(0, Taken(SentAdjustment(CO, _DISCOUNT, None), discount))
    return taken


def split_drafts(
    header: AnswerLine, charges: Mapping[int, int], sign: int, found: set[str]
) -> dict[int, LineDraft]:
    """Return a draft of every line of the claim with its part of the header's amounts."""
    given = _money(header.charge, sign, found)
    numbers = sorted(charges) or [CLAIM_AS_A_WHOLE]
    weights = [charges.get(number, 0) for number in numbers]
    whole = sign * sum(weights) if given is None else given
    allowed = _money(header.allowed, sign, found)
    paid = _money(header.paid, sign, found) or 0
    parts = zip(
        split(whole, weights),
        [None] * len(numbers) if allowed is None else split(allowed, weights),
        split(paid, weights),
        strict=True,
    )
    return {number: LineDraft(*values) for number, values in zip(numbers, parts, strict=True)}
