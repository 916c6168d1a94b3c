"""The claims of an account, each with the payer's answers. Delays in days are assumed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from data_generator import bill
from data_generator.anomalies import DENIED_SHARE, Pattern, pattern_of
from data_generator.facts import billing
from data_generator.facts import collections as facts
from data_generator.facts.people import Payer, PayerKind
from data_generator.revenue import account as codes
from data_generator.revenue.account import Answer, Care, ChargeLine, Claim, Form, Outcome
from data_generator.revenue.decisions import allow, deny
from data_generator.streams import Stream

# The first count of an account's claims: ids sort in the order of sending, level by level.
FIRST_COUNT = {Form.INSTITUTIONAL: 0, Form.PROFESSIONAL: 0x100}


class Try(NamedTuple):
    """One submission as planned: when it is sent, answered and paid, and how it ends."""

    sent: int
    answered: int
    answer: bill.Answer
    reason: str | None = None
    paid_on: int = 0


@dataclass(frozen=True, slots=True)
class Billing:
    """What the claims of an account are made from; ``base`` is below the count of its first."""

    stream: Stream
    care: Care
    payer: Payer
    lines: tuple[ChargeLine, ...]
    base: int


def tries_of(submissions: Sequence[bill.Submission]) -> list[Try]:
    """Return the plan that the submissions of a bill follow."""
    return [Try(s.sent, s.answered, s.answer, s.reason, s.paid_on) for s in submissions]


def fee_tries(stream: Stream, care: Care, payer: Payer) -> list[Try]:
    """Return a plan for a fee, with the shares that bills have (see ``billing``)."""
    sent, tries = care.last + stream.between(2, 10), []
    if stream.chance(billing.NOT_CLEAN):
        answered = sent + 1 + stream.below(3)
        reason = stream.pick(billing.FRONT_DOOR_REASONS)
        tries.append(Try(sent, answered, bill.Answer.REJECTED, reason))
        sent = answered + stream.between(2, 9)
    often = pattern_of(care.attending) is Pattern.OFTEN_DENIED
    denied = stream.chance(DENIED_SHARE if often else billing.DENIED)
    tries.append(_judged(stream, payer, sent, denied))
    if denied and stream.chance(billing.APPEALED):
        again = tries[-1].answered + stream.between(7, 40)
        tries.append(_judged(stream, payer, again, not stream.chance(billing.OVERTURNED)))
    return tries


def _judged(stream: Stream, payer: Payer, sent: int, denied: bool) -> Try:
    answered = sent + payer.days + stream.between(-8, 14)
    paid_on = answered + stream.between(2, 9)
    return Try(sent, answered, bill.Answer.DENIED if denied else bill.Answer.PAID, None, paid_on)


def first_claims(made: Billing, tries: Sequence[Try]) -> list[Claim]:
    """Return the claims to the first payer, in the order sent; nobody answers a self-payer."""
    lines = _posted_in_time(made.lines, tries[0].sent)
    made = replace(made, lines=lines)
    if made.payer.kind is PayerKind.SELF_PAY:
        return [Claim(made.base + 1, 1, codes.ORIGINAL, tries[0].sent, lines)]
    if is_long_nursing(made.care):
        return list(_interim(made))
    claims: list[Claim] = []
    for attempt in tries:
        if _decided_again(made.stream, claims, attempt):
            claims[-1] = _with_second_answer(made, claims[-1], attempt)
        else:
            claims.append(_claim(made, claims, attempt))
    return _perhaps_as_a_whole(made.stream, claims)


def _perhaps_as_a_whole(stream: Stream, claims: list[Claim]) -> list[Claim]:
    """Return the claims, the first denial perhaps without lines if the claim has one answer."""
    denied = (n for n, claim in enumerate(claims) if claim.answers[0].denies)
    first = next(denied, None)
    if first is None or not stream.chance(facts.DENIED_AS_A_WHOLE):
        return claims
    claim = claims[first]
    if len(claim.answers) > 1:
        return claims
    answer = replace(claim.answers[0], as_a_whole=True)
    return [*claims[:first], replace(claim, answers=(answer,)), *claims[first + 1 :]]


def _posted_in_time(lines: tuple[ChargeLine, ...], sent: int) -> tuple[ChargeLine, ...]:
    """Return the lines posted no later than the claim is sent."""
    return tuple(
        replace(line, posted=sent) if line.posted is not None and line.posted > sent else line
        for line in lines
    )


def _claim(made: Billing, before: Sequence[Claim], attempt: Try) -> Claim:
    count = made.base + len(before) + 1
    return Claim(
        count,
        1,
        codes.REPLACEMENT if before else codes.ORIGINAL,
        attempt.sent,
        made.lines,
        before[-1].count if before else None,
        made.stream.pick(facts.EDITS),
        (_answer(made, attempt, 1),),
    )


def _decided_again(stream: Stream, claims: Sequence[Claim], attempt: Try) -> bool:
    """Return True if a won appeal is a second answer to the denied claim."""
    won = attempt.answer is bill.Answer.PAID and bool(claims)
    denied = won and claims[-1].answers[-1].denies
    return denied and stream.chance(facts.REPROCESSED_APPEAL)


def _with_second_answer(made: Billing, claim: Claim, attempt: Try) -> Claim:
    # The money of a second answer comes with it, as the answer takes back the first.
    again = replace(_answer(made, attempt, 2), pending_from=None, paid_on=attempt.answered)
    return replace(claim, answers=(*claim.answers, again))


def _answer(made: Billing, attempt: Try, number: int) -> Answer:
    if attempt.answer is bill.Answer.REJECTED:
        return Answer(number, attempt.answered, Outcome.REJECTED, reason=attempt.reason)
    pending = None
    if made.stream.chance(facts.PENDED) and attempt.answered - attempt.sent > 3:
        pending = attempt.sent + 3
    if attempt.answer is bill.Answer.DENIED:
        decided, paid_on = deny(made.stream, made.lines), None
    else:
        decided = allow(made.stream, made.payer, made.care, made.lines)
        paid_on = attempt.paid_on if any(line.paid for line in decided) else None
    return Answer(
        number,
        attempt.answered,
        Outcome.ADJUDICATED,
        decided,
        pending_from=pending,
        paid_on=paid_on,
    )


def is_long_nursing(care: Care) -> bool:
    """Return True if a stay is billed in parts while it lasts."""
    long = care.last - care.first >= facts.INTERIM_NIGHTS
    return long and (care.bill_type or "").startswith("02")


def _interim(made: Billing) -> Sequence[Claim]:
    """Return one claim for every 14 days of the room, all of them paid."""
    (room,) = made.lines
    claims: list[Claim] = []
    starts = list(range(made.care.first, made.care.last, facts.INTERIM_EVERY))
    for number, start in enumerate(starts):
        end = min(start + facts.INTERIM_EVERY, made.care.last)
        last = number == len(starts) - 1
        units = end - start
        line = replace(
            room,
            quantity=units,
            charge=room.charge * units // room.quantity,
            first=start,
            last=end,
            posted=None,
        )
        frequency = codes.LAST_INTERIM if last else codes.NEXT_INTERIM
        sent = end + made.stream.between(2, 6)
        if claims:
            sent = max(sent, claims[-1].sent + 1)  # a last part of few days is not sent earlier
        part = replace(made, lines=(line,))
        claims.append(
            Claim(
                made.base + number + 1,
                1,
                frequency if number else codes.FIRST_INTERIM,
                sent,
                part.lines,
                made.base + number if number else None,
                made.stream.pick(facts.EDITS),
                (_answer(part, _judged(made.stream, made.payer, sent, denied=False), 1),),
            )
        )
    return claims
