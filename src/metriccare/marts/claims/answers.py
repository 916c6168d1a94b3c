"""From answers as sent to remits. Source: claims specification, 1.7.

Amounts of the claim as a whole are split over its lines in proportion to their charges; the rows
of adjustments keep them as sent, under line 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metriccare.marts.claims import flags
from metriccare.marts.claims.answer_lines import (
    CLAIM_AS_A_WHOLE,
    LineDraft,
    Taken,
    allowed_of,
    draft_of,
    split_drafts,
    summed,
    taken_of,
)
from metriccare.marts.claims.claim import Claim
from metriccare.marts.claims.history import (
    EVENT,
    STATEMENT,
    Answer,
    AnswerLine,
    SentAdjustment,
)
from metriccare.marts.claims.money import split
from metriccare.marts.claims.reasons import (
    CO,
    CONTRACTUAL,
    DENIAL,
    AdjustmentReasons,
    group_of,
)
from metriccare.marts.claims.remit import Adjustment, Amounts

# A cent either way is rounding. Source: claims specification, 1.7.6.
_ROUNDING = 1


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
        drafts = {line.number: draft_of(line, charges, sign, found) for line in lines}
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
        drafts: dict[int, LineDraft],
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
            taken = taken_of(
                AnswerLine(CLAIM_AS_A_WHOLE, adjustments=header.adjustments), 0, sign, found
            )
        else:
            drafts.update(split_drafts(header, charges, sign, found))
            taken = taken_of(header, sum(d.charge for d in drafts.values()), sign, found)
        return self._share_out(taken, drafts, answer.is_reversal)

    def _share_out(
        self, taken: list[Taken], drafts: Mapping[int, LineDraft], takes_back: bool
    ) -> list[Adjustment]:
        """Give each line its part of the header's adjustments; return their rows."""
        refuses = not any(d.paid or d.allowed for d in drafts.values())
        weights = [abs(d.charge) for d in drafts.values()]
        whole = sum(d.charge for d in drafts.values())
        rows = []
        for position, (sent, given) in enumerate(taken, 1):
            row = self._row(CLAIM_AS_A_WHOLE, position, sent, (given, whole), refuses)
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
        self, number: int, draft: LineDraft, takes_back: bool, found: set[str]
    ) -> tuple[list[Adjustment], Amounts]:
        allowed = allowed_of(draft)
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
        amounts = summed(draft, allowed, parts)
        if amounts.unexplained and abs(amounts.unexplained) <= _ROUNDING:
            rounded = amounts.contractual + amounts.unexplained
            amounts = amounts._replace(contractual=rounded, unexplained=0)
        elif amounts.unexplained:
            found.add(flags.REMIT_OUT_OF_BALANCE)
        if allowed > draft.charge > 0:
            found.add(flags.ALLOWED_OVER_CHARGE)
        return rows, amounts
