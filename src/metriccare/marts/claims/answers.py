"""From answers as sent to remits. Source: claims specification, 1.7.

Amounts of the claim as a whole are split over its lines in proportion to their charges; the rows
of adjustments keep them as sent, under line 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

from metriccare.marts.claims import flags
from metriccare.marts.claims.claim import Claim
from metriccare.marts.claims.history import (
    EVENT,
    STATEMENT,
    Answer,
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
    AdjustmentReasons,
    group_of,
)
from metriccare.marts.claims.remit import Adjustment, Amounts

# What the patient owes by contract, in group PR: with what is paid it is the allowed amount.
_SHARES = frozenset({"1", "2", "3"})
# What the contract takes off, where no code says so. Source: claims specification, 1.7.2.
_DISCOUNT = "45"
# A cent either way is rounding. Source: claims specification, 1.7.6.
_ROUNDING = 1
_CLAIM = 0


class _Taken(NamedTuple):
    """An adjustment in cents before it is classified; None takes the charge if it is a denial."""

    sent: SentAdjustment
    amount: int | None


@dataclass
class _LineDraft:
    """A line on its way: amounts in cents, with its part of the header's adjustments."""

    charge: int
    allowed: int | None
    paid: int
    own: list[_Taken] = field(default_factory=list)
    of_header: list[tuple[SentAdjustment, int]] = field(default_factory=list)


@dataclass
class ReadAnswer:
    """An answer in cents: its lines, its adjustments and what is odd about it."""

    lines: dict[int, Amounts]
    adjustments: list[Adjustment]
    flags: set[str]


class AnswerReader:
    """Reads answers by a table of adjustment reasons."""

    def __init__(self, reasons: AdjustmentReasons) -> None:
        self._reasons = reasons

    def read(self, answer: Answer, claim: Claim | None) -> ReadAnswer:
        """Return the answer's lines in cents; without a claim only what the answer itself says."""
        charges = {line.number: line.charge for line in claim.lines} if claim else {}
        sign = -1 if answer.is_reversal else 1
        found: set[str] = set()
        lines = [line for line in answer.lines if line.has_amounts or answer.kind == EVENT]
        drafts = {line.number: _draft(line, charges, sign, found) for line in lines}
        adjustments = self._of_header(answer, drafts, charges, found)
        amounts = {}
        for number, draft in sorted(drafts.items()):
            own, amounts[number] = self._classified(number, draft, answer.is_reversal, found)
            adjustments += own
        if not all(self._reasons.is_known(a.carc) for a in adjustments):
            found.add(flags.CARC_UNKNOWN)
        return ReadAnswer(amounts, adjustments, found)

    def _of_header(
        self,
        answer: Answer,
        drafts: dict[int, _LineDraft],
        charges: Mapping[int, int],
        found: set[str],
    ) -> list[Adjustment]:
        """Give the lines their parts of what is said of the claim as a whole; return its rows.

        Where lines have amounts, those of a FHIR header repeat their sums; of an event the
        header's adjustments add to those of the lines.
        """
        header, sign = answer.header, -1 if answer.is_reversal else 1
        if header is None or not header.has_amounts or (drafts and answer.kind == STATEMENT):
            return []
        if drafts:
            taken = _taken(AnswerLine(_CLAIM, adjustments=header.adjustments), 0, sign, found)
        else:
            drafts.update(_split(header, charges, sign, found))
            taken = _taken(header, sum(d.charge for d in drafts.values()), sign, found)
        return self._share_out(taken, drafts, answer.is_reversal)

    def _share_out(
        self, taken: list[_Taken], drafts: Mapping[int, _LineDraft], takes_back: bool
    ) -> list[Adjustment]:
        """Give each line its part of the header's adjustments; return their rows."""
        refuses = not any(d.paid or d.allowed for d in drafts.values())
        weights = [abs(d.charge) for d in drafts.values()]
        whole = sum(d.charge for d in drafts.values())
        rows = []
        for position, (sent, given) in enumerate(taken, 1):
            row = self._row(_CLAIM, position, sent, (given, whole), refuses)
            rows.append(row._replace(takes_back=takes_back))
            fixed = sent._replace(adjustment_class=row.adjustment_class, group=row.group)
            for draft, part in zip(drafts.values(), split(row.amount, weights), strict=True):
                draft.of_header.append((fixed, part))
        return rows

    def _row(
        self,
        line: int,
        position: int,
        sent: SentAdjustment,
        amounts: tuple[int | None, int],
        refuses: bool,
    ) -> Adjustment:
        given, charge = amounts
        class_ = sent.adjustment_class
        if class_ is None:
            class_ = self._reasons.class_of(sent.carc, sent.group, refuses)
        if given is None:
            # A denial reason without an amount takes the line's charge.
            given = charge if class_ == DENIAL else 0
        category = self._reasons.category_of(sent.carc) if class_ == DENIAL else None
        group = group_of(sent.group, class_)
        rarc = tuple(sorted(set(sent.rarc)))
        return Adjustment(line, position, group, sent.carc, rarc, given, class_, category)

    def _classified(
        self, number: int, draft: _LineDraft, takes_back: bool, found: set[str]
    ) -> tuple[list[Adjustment], Amounts]:
        allowed = _allowed(draft)
        refuses = not draft.paid and not allowed
        rows = [
            self._row(number, position, sent, (given, draft.charge), refuses)
            for position, (sent, given) in enumerate(draft.own, 1)
        ]
        if takes_back:
            rows = [row._replace(takes_back=True) for row in rows]
        parts = [(row.group, row.adjustment_class, row.amount) for row in rows]
        for sent, part in draft.of_header:
            parts.append((sent.group or CO, sent.adjustment_class or CONTRACTUAL, part))
        amounts = _summed(draft, allowed, parts)
        if amounts.unexplained and abs(amounts.unexplained) <= _ROUNDING:
            rounded = amounts.contractual + amounts.unexplained
            amounts = amounts._replace(contractual=rounded, unexplained=0)
        elif amounts.unexplained:
            found.add(flags.REMIT_OUT_OF_BALANCE)
        if allowed > draft.charge > 0:
            found.add(flags.ALLOWED_OVER_CHARGE)
        return rows, amounts


def _summed(draft: _LineDraft, allowed: int, parts: Iterable[tuple[str, str, int]]) -> Amounts:
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


def _allowed(draft: _LineDraft) -> int:
    """Return the allowed amount; without one what is paid and what the patient shares."""
    if draft.allowed is not None:
        return draft.allowed
    shares = sum(t.amount or 0 for t in draft.own if _is_share(t.sent))
    return draft.paid + shares + sum(part for sent, part in draft.of_header if _is_share(sent))


def _is_share(sent: SentAdjustment) -> bool:
    if sent.adjustment_class == PATIENT and sent.carc is None:
        # What FHIR calls the member's liability stands for all shares together.
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


def _draft(line: AnswerLine, charges: Mapping[int, int], sign: int, found: set[str]) -> _LineDraft:
    given = _money(line.charge, sign, found)
    charge = sign * charges.get(line.number, 0) if given is None else given
    return _LineDraft(
        charge,
        _money(line.allowed, sign, found),
        _money(line.paid, sign, found) or 0,
        _taken(line, charge, sign, found),
    )


def _taken(line: AnswerLine, charge: int, sign: int, found: set[str]) -> list[_Taken]:
    """Return the adjustments in cents, with the discount where FHIR leaves it to be derived."""
    taken = [_Taken(a, _money(a.amount, sign, found)) for a in line.adjustments]
    allowed = _money(line.allowed, sign, found)
    if line.derives_contractual and allowed is not None and allowed > 0:
        # Shares of the patient are part of what is allowed.
        others = sum(t.amount or 0 for t in taken if not _is_share(t.sent))
        discount = charge - allowed - others
        if discount:
            taken.insert(0, _Taken(SentAdjustment(CO, _DISCOUNT, None), discount))
    return taken


def _split(
    header: AnswerLine, charges: Mapping[int, int], sign: int, found: set[str]
) -> dict[int, _LineDraft]:
    """Return a draft of every line of the claim with its part of the header's amounts."""
    given = _money(header.charge, sign, found)
    numbers = sorted(charges) or [_CLAIM]
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
    return {number: _LineDraft(*values) for number, values in zip(numbers, parts, strict=True)}
