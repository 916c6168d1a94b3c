"""What a payer decides about a claim, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from data_generator.adjudication import parts
from data_generator.facts import billing
from data_generator.facts import collections as facts
from data_generator.facts.people import Payer, PayerKind
from data_generator.revenue.account import Care, ChargeLine, LineAnswer
from data_generator.revenue.contracts import expected
from data_generator.streams import Stream, Weighted

# The patient's part of what is allowed, lowest and highest; assumed.
_SHARES = {PayerKind.MEDICAID: (0.0, 0.03), PayerKind.MEDICARE: (0.05, 0.20)}
_USUAL_SHARE = (0.05, 0.25)


def deny(stream: Stream, lines: Sequence[ChargeLine]) -> tuple[LineAnswer, ...]:
    """Return every line as denied for one reason."""
    group, reason = _denial(stream, billing.DENIAL_REASONS)
    return denied_for(lines, group, reason)


def denied_for(lines: Sequence[ChargeLine], group: str, reason: str) -> tuple[LineAnswer, ...]:
    """Return every line as denied for the given reason."""
    return tuple(
        LineAnswer(line.charge, denied=line.charge, group=group, reason=reason) for line in lines
    )


def _denial(stream: Stream, reasons: Weighted[str]) -> tuple[str, str]:
    if stream.chance(facts.PATIENT_DENIAL):
        return "PR", stream.pick(facts.PATIENT_DENIAL_REASONS)
    return "CO", stream.pick(reasons)


def allow(
    stream: Stream, payer: Payer, care: Care, lines: Sequence[ChargeLine]
) -> tuple[LineAnswer, ...]:
    """Return the lines as the contract pays them; one of several may be denied or underpaid."""
    due = expected(payer.key, care, lines)
    lost = -1
    if len(lines) > 1 and stream.chance(billing.LINE_DENIED):
        lost = stream.below(len(lines))
        group, reason = _denial(stream, billing.LINE_DENIAL_REASONS)
    allowed = [0 if number == lost else _paid(stream, cents) for number, cents in enumerate(due)]
    answers = _shared(stream, payer, lines, (allowed, due))
    if lost >= 0:
        charge = lines[lost].charge
        answers[lost] = LineAnswer(charge, denied=charge, group=group, reason=reason)
    return tuple(answers)


# An underpaid line is 5 to 25 % short; below $25 that is within the tolerance of a contract.
_SMALLEST_UNDERPAID = 2_500


def _paid(stream: Stream, due: int) -> int:
    """Return what is allowed: the contract's amount, or less where the payer is wrong."""
    if due >= _SMALLEST_UNDERPAID and stream.chance(facts.UNDERPAID_LINE):
        return due - due * stream.between(5, 25) // 100
    return due


def _shared(
    stream: Stream,
    payer: Payer,
    lines: Sequence[ChargeLine],
    amounts: tuple[list[int], list[int]],
) -> list[LineAnswer]:
    """Return the lines with the patient's part as deductible, coinsurance or copay.

    ``amounts`` are what is allowed and what the contract says.
    """
    allowed, due = amounts
    low, high = _SHARES.get(payer.kind, _USUAL_SHARE)
    whole = sum(allowed)
    share = int(whole * (low + (high - low) * stream.random()))
    way = stream.random()
    if stream.chance(facts.TO_THE_DEDUCTIBLE) and payer.kind is not PayerKind.MEDICAID:
        share, way = whole, 0.0
    patient = parts(share, allowed)
    # A quarter to the deductible, a third as copay, the rest as coinsurance; assumed.
    place = 0 if way < 0.25 else 2 if way < 0.6 else 1
    answers = []
    for line, amount, part, cents in zip(lines, allowed, patient, due, strict=True):
        split = [0, 0, 0]  # deductible, coinsurance, copay
        split[place] = part
        answers.append(LineAnswer(line.charge, amount, split[0], split[1], split[2], due=cents))
    return answers


def corrected(
    payer: Payer, care: Care, lines: Sequence[ChargeLine], before: Sequence[LineAnswer]
) -> tuple[LineAnswer, ...]:
    """Return an answer that pays the contract in full, lines denied before among them.

    Where the first answer did so already, the patient owes half of what it said.
    """
    due = expected(payer.key, care, lines)
    if [line.allowed for line in before] == due:
        return tuple(_halved(line) for line in before)
    return tuple(
        LineAnswer(old.charge, cents, due=cents) if old.denied else replace(old, allowed=cents)
        for old, cents in zip(before, due, strict=True)
    )


def _halved(line: LineAnswer) -> LineAnswer:
    return replace(
        line,
        deductible=line.deductible // 2,
        coinsurance=line.coinsurance // 2,
        copay=line.copay // 2,
    )


def second_payer(stream: Stream, before: Sequence[LineAnswer]) -> tuple[LineAnswer, ...]:
    """Return the second payer's answer: it pays most of what the first left to the patient."""
    # Two thirds pay all of it, the others 60 to 95 %; assumed.
    percent = 100 if stream.chance(0.67) else stream.between(60, 95)
    answers = []
    for line in before:
        left = line.patient
        rest = left - left * percent // 100
        prior = line.charge - left
        answers.append(LineAnswer(line.charge, left, coinsurance=rest, prior=prior))
    return tuple(answers)
