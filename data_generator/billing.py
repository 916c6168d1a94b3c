"""The revenue cycle of a stay or visit: claim, answer, denial, appeal, payment."""

from __future__ import annotations

from collections.abc import Iterable

from data_generator.adjudication import allow, deny
from data_generator.anomalies import (
    DENIED_SHARE,
    EXCESS_FACTOR,
    UPCODED_LEVEL,
    Pattern,
    pattern_of,
)
from data_generator.bill import Answer, Bill, Line, Submission
from data_generator.clock import day_of
from data_generator.facts import billing as facts
from data_generator.facts.billing import Service
from data_generator.facts.hospitals import WardKind
from data_generator.story import PayerPeriod, Person, Stay, Visit
from data_generator.streams import Stream


def bills_of(person: Person, stays: Iterable[Stay], visits: Iterable[Visit]) -> dict[int, Bill]:
    """Return every bill of a person, by the number of its stay or visit."""
    bills = {stay.number: _bill_stay(person, stay) for stay in stays}
    return bills | {visit.number: _bill_visit(person, visit) for visit in visits}


def _bill_stay(person: Person, stay: Stay) -> Bill:
    """Return the institutional bill of a stay."""
    stream = Stream(person.key, "bill", stay.number)
    pattern = pattern_of(stay.attending)
    lines = [*_rooms(stream, stay), *_ancillaries(stream, stay, pattern)]
    if stay.operation is not None:
        charge = stay.operation.charge
        lines.append(Line(facts.OPERATING_ROOM, 1, stay.operation.label, charge))
    return _bill(person, stream, (stay.admit_day, stay.discharge_day), lines, pattern)


def _bill_visit(person: Person, visit: Visit) -> Bill:
    """Return the bill of a visit."""
    stream = Stream(person.key, "bill", visit.number)
    pattern = pattern_of(visit.attending)
    line = _visit_line(stream, visit, pattern)
    return _bill(person, stream, (day_of(visit.start), day_of(visit.end)), [line], pattern)


def _visit_line(stream: Stream, visit: Visit, pattern: Pattern | None) -> Line:
    if visit.encounter_class == "OBSENC":
        return _line(facts.OBSERVATION_HOUR, max(1, (visit.end - visit.start) // 60))
    if visit.encounter_class == "EMER":
        levels = UPCODED_LEVEL if pattern is Pattern.UPCODING else facts.USUAL_LEVEL
        return _line(facts.EMERGENCY_LEVELS[stream.pick(levels)], 1)
    return _line(facts.OFFICE_VISIT, 1)


def _line(service: Service, quantity: int) -> Line:
    return Line(service, quantity, service.label, service.charge * quantity)


def _rooms(stream: Stream, stay: Stay) -> list[Line]:
    lines = []
    for part in stay.parts:
        for ward_stay in part.ward_stays:
            if ward_stay.ward is WardKind.EMERGENCY:
                lines.append(_line(facts.EMERGENCY_LEVELS[stream.pick(facts.USUAL_LEVEL)], 1))
                continue
            nights = max(1, day_of(ward_stay.end) - day_of(ward_stay.start))
            lines.append(_line(facts.ROOMS.get(ward_stay.ward, facts.ROOM), nights))
    return lines


def _ancillaries(stream: Stream, stay: Stay, pattern: Pattern | None) -> list[Line]:
    if not stay.acute:
        return []
    days = max(1, stay.discharge_day - stay.admit_day)
    factor = EXCESS_FACTOR if pattern is Pattern.EXCESS_UNITS else 1
    return [
        _line(facts.LABORATORY, days + stream.below(3)),
        _line(facts.PHARMACY, (days + stream.below(5)) * factor),
    ]


def _bill(
    person: Person,
    stream: Stream,
    span: tuple[int, int],
    lines: list[Line],
    pattern: Pattern | None,
) -> Bill:
    period = person.payer_on(span[0])
    total = sum(line.charge for line in lines)
    denied = DENIED_SHARE if pattern is Pattern.OFTEN_DENIED else facts.DENIED
    charges = [line.charge for line in lines]
    submissions = _submissions(stream, period, (span[1], charges), denied)
    return Bill(person.payers.index(period), tuple(lines), total, tuple(submissions))


def _submissions(
    stream: Stream, period: PayerPeriod, care: tuple[int, list[int]], denied_share: float
) -> list[Submission]:
    """Return the claims for care that ended on a day, with one charge per line.

    The delays in days are assumed.
    """
    last, charges = care
    sent = last + stream.between(3, 12)
    tries: list[Submission] = []
    if stream.chance(facts.NOT_CLEAN):
        reason = stream.pick(facts.FRONT_DOOR_REASONS)
        answered = sent + 1 + stream.below(3)
        tries.append(Submission(1, sent, answered, Answer.REJECTED, reason))
        sent = answered + stream.between(2, 9)
    denied = stream.chance(denied_share)
    tries.append(_adjudicated(stream, period, (len(tries) + 1, sent, charges), denied))
    if denied and stream.chance(facts.APPEALED):
        again = tries[-1].answered + stream.between(7, 40)
        upheld = not stream.chance(facts.OVERTURNED)
        tries.append(_adjudicated(stream, period, (len(tries) + 1, again, charges), upheld))
    return tries


def _adjudicated(
    stream: Stream, period: PayerPeriod, claim: tuple[int, int, list[int]], denied: bool
) -> Submission:
    number, sent, charges = claim
    # Around the payer's usual delay; the money comes some days after the answer (assumed).
    answered = sent + period.payer.days + stream.between(-8, 14)
    reason, paid_on = stream.pick(facts.DENIAL_REASONS), answered + stream.between(2, 9)
    if denied:
        decisions = deny(charges, reason)
        return Submission(number, sent, answered, Answer.DENIED, reason, lines=decisions)
    decisions = allow(stream, period.payer, charges)
    return Submission(number, sent, answered, Answer.PAID, None, paid_on, decisions)
