"""What happens to few claims: voids, late charges, second answers, a second payer."""

from __future__ import annotations

from dataclasses import replace

from data_generator.facts import billing
from data_generator.facts import collections as facts
from data_generator.facts.contracts import CASE
from data_generator.facts.people import Payer
from data_generator.revenue import account as codes
from data_generator.revenue.account import Answer, ChargeLine, Claim, Outcome
from data_generator.revenue.decisions import allow, corrected, denied_for, second_payer
from data_generator.revenue.submissions import Billing

# Counts of claims to the second payer follow those of the first, at most 64 claims each: of all
# claims these alone have this bit.
SECOND_LEVEL = 0x40

# What happens to a claim is drawn once: these are the bounds of the shares.
_VOID = facts.VOIDED
_LATE = _VOID + facts.LATE_CHARGES
_TAKEN = _LATE + facts.TAKEN_BACK
_AGAIN = _TAKEN + facts.REPROCESSED


def with_corrections(made: Billing, claims: list[Claim]) -> list[Claim]:
    """Return the claims, a few of them corrected after they were paid."""
    stream, last = made.stream, claims[-1]
    share = stream.random()
    if share >= _AGAIN:
        return claims
    plain = len(last.answers) == 1 and not last.answers[0].denies and last.frequency in _PLAIN
    if not plain or last.answers[0].outcome is not Outcome.ADJUDICATED:
        return claims
    hospital = made.care.bill_type is not None
    if share < _VOID:
        return _voided(made, claims) if hospital else claims
    if share < _LATE:
        extra = hospital and len(claims) == 1 and (made.payer.key, made.care.drg) not in CASE
        extra = extra and not any(line.denied for line in last.answers[0].lines)
        return [*claims, _late_charges(made, last)] if extra else claims
    if share < _TAKEN:
        return [*claims[:-1], _taken_back(made, last)]
    return [*claims[:-1], _corrected(made, last)]


_PLAIN = (codes.ORIGINAL, codes.REPLACEMENT)


def _settled_day(answer: Answer) -> int:
    return max(answer.day, answer.paid_on or 0)


def _voided(made: Billing, claims: list[Claim]) -> list[Claim]:
    """Return the claims with a void: of a fifth before the answer, which then never comes."""
    last, stream = claims[-1], made.stream
    day = _settled_day(last.answers[0]) + stream.between(2, 30)
    if stream.chance(0.2):
        day = last.sent + 2
        last = replace(last, answers=())
    void = Claim(last.count + 1, 1, codes.VOID, day, last.lines, last.count)
    return [*claims[:-1], last, void]


def _late_charges(made: Billing, claim: Claim) -> Claim:
    stream, day = made.stream, made.care.last
    sent = _settled_day(claim.answers[0]) + stream.between(1, 20)
    units = stream.between(1, 4)
    charge = billing.PHARMACY.charge * units
    line = ChargeLine("0250", None, billing.PHARMACY.label, units, charge, day, day, sent - 1)
    answered = sent + made.payer.days + stream.between(-8, 14)
    lines = allow(stream, made.payer, made.care, (line,))
    paid_on = answered + stream.between(2, 9) if lines[0].paid else None
    answer = Answer(1, answered, Outcome.ADJUDICATED, lines, paid_on=paid_on)
    return Claim(claim.count + 1, 1, codes.LATE, sent, (line,), claim.count, claim.edits, (answer,))


def _taken_back(made: Billing, claim: Claim) -> Claim:
    """Return the claim with a second answer that denies what the first paid."""
    (first,) = claim.answers
    day = _settled_day(first) + made.stream.between(20, 90)
    reason = made.stream.pick(facts.TAKEBACK_REASONS)
    lines = denied_for(claim.lines, "CO", reason)
    again = Answer(2, day, Outcome.ADJUDICATED, lines, paid_on=day)
    return replace(claim, answers=(first, again))


def _corrected(made: Billing, claim: Claim) -> Claim:
    (first,) = claim.answers
    day = _settled_day(first) + made.stream.between(10, 45)
    lines = corrected(made.payer, made.care, claim.lines, first.lines)
    again = Answer(2, day, Outcome.ADJUDICATED, lines, paid_on=day)
    return replace(claim, answers=(first, again))


def second_claim(made: Billing, claims: list[Claim], payer: Payer) -> Claim | None:
    """Return the claim to the second payer, where the first leaves something to the patient."""
    last, stream = claims[-1], made.stream
    if last.frequency not in _PLAIN or not last.answers:
        return None
    before = last.answers[-1]
    if any(line.denied for line in before.lines) or not any(x.patient for x in before.lines):
        return None
    sent = _settled_day(before) + stream.between(1, 8)
    answered = sent + payer.days + stream.between(-8, 14)
    lines = second_payer(stream, before.lines)
    paid_on = answered + stream.between(2, 9) if any(x.paid for x in lines) else None
    answer = Answer(1, answered, Outcome.ADJUDICATED, lines, paid_on=paid_on)
    count = made.base + SECOND_LEVEL + 1
    return Claim(count, 2, codes.ORIGINAL, sent, last.lines, answers=(answer,))
