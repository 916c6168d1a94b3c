"""Every account of a person: for each stay and visit the hospital's and the clinician's."""

from __future__ import annotations

from collections.abc import Iterable

from data_generator.bill import Bill
from data_generator.facts import collections as facts
from data_generator.facts.people import PAYERS, PayerKind
from data_generator.revenue.account import Account, Care, ChargeLine, Form
from data_generator.revenue.corrections import second_claim, with_corrections
from data_generator.revenue.patients import transactions
from data_generator.revenue.services import (
    fee_lines_of_stay,
    fee_lines_of_visit,
    hospital_lines,
    stay_care,
    visit_care,
)
from data_generator.revenue.submissions import (
    FIRST_COUNT,
    Billing,
    Try,
    fee_tries,
    first_claims,
    is_long_nursing,
    tries_of,
)
from data_generator.story import PayerPeriod, Person, Stay, Visit
from data_generator.streams import Stream

_PAYER = {payer.key: payer for payer in PAYERS}
_OFFICE = ("AMB", "VR")
Accounts = dict[int, tuple[Account, ...]]


def second_cover(person: Person) -> PayerPeriod | None:
    """Return the second coverage of a person, if any: never of self-payers, never twice one."""
    stream = Stream(person.key, "second cover")
    if not stream.chance(facts.SECONDARY_COVER):
        return None
    payer = _PAYER[stream.pick(facts.SECONDARY_PAYERS)]
    for period in person.payers:
        if period.payer.kind is PayerKind.SELF_PAY or period.payer is payer:
            return None
    first = person.payers[0].first
    return PayerPeriod(payer, first, None, f"{payer.key[:3].upper()}{person.number:08d}")


def accounts_of(
    person: Person, stays: Iterable[Stay], visits: Iterable[Visit], bills: dict[int, Bill]
) -> Accounts:
    """Return the accounts of a person by the number of the stay or visit."""
    second = second_cover(person)
    made: Accounts = {}
    for stay in stays:
        made[stay.number] = tuple(_of_stay(person, stay, bills[stay.number], second))
    for visit in visits:
        made[visit.number] = tuple(_of_visit(person, visit, bills[visit.number], second))
    return made


def _of_stay(
    person: Person, stay: Stay, bill: Bill, second: PayerPeriod | None
) -> Iterable[Account]:
    stream = Stream(person.key, "account", stay.number)
    care = stay_care(stay, Form.INSTITUTIONAL)
    lines = hospital_lines(stream, care, bill)
    yield _account(person, (stream, care, lines), (bill, tries_of(bill.submissions)), second)
    if stay.acute:
        stream = Stream(person.key, "fee", stay.number)
        care = stay_care(stay, Form.PROFESSIONAL)
        lines = fee_lines_of_stay(stream, stay, care)
        tries = fee_tries(stream, care, person.payers[bill.coverage_index].payer)
        yield _account(person, (stream, care, lines), (bill, tries), second)


def _of_visit(
    person: Person, visit: Visit, bill: Bill, second: PayerPeriod | None
) -> Iterable[Account]:
    stream = Stream(person.key, "fee", visit.number)
    care = visit_care(visit, Form.PROFESSIONAL)
    lines = fee_lines_of_visit(stream, visit, care)
    if visit.encounter_class in _OFFICE:
        tries = tries_of(bill.submissions)
        yield _account(person, (stream, care, lines), (bill, tries), second)
        return
    tries = fee_tries(stream, care, person.payers[bill.coverage_index].payer)
    fee = _account(person, (stream, care, lines), (bill, tries), second)
    stream = Stream(person.key, "account", visit.number)
    care = visit_care(visit, Form.INSTITUTIONAL)
    lines = hospital_lines(stream, care, bill)
    yield _account(person, (stream, care, lines), (bill, tries_of(bill.submissions)), second)
    yield fee


def _account(
    person: Person,
    services: tuple[Stream, Care, tuple[ChargeLine, ...]],
    billed: tuple[Bill, list[Try]],
    second: PayerPeriod | None,
) -> Account:
    (stream, care, lines), (bill, tries) = services, billed
    payer = person.payers[bill.coverage_index].payer
    made = Billing(stream, care, payer, lines, FIRST_COUNT[care.form])
    claims = first_claims(made, tries)
    if payer.kind is not PayerKind.SELF_PAY and not is_long_nursing(care):
        claims = with_corrections(made, claims)
    if second is not None:
        again = second_claim(made, claims, second.payer)
        claims += [again] if again is not None else []
    return Account(
        care, bill.coverage_index, payer, second, tuple(claims), transactions(made, claims)
    )
