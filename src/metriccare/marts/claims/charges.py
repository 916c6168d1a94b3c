"""What each line of a claim charges, in cents. Source: claims specification, 1.1 and 1.5.3."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from metriccare.marts.claims import flags
from metriccare.marts.claims.history import SentClaim, SentLine
from metriccare.marts.claims.money import cents, read_cents


class Charges(NamedTuple):
    """The lines of a claim, at least one, with the charge of each."""

    lines: tuple[SentLine, ...]
    of_lines: tuple[int, ...]
    currency: str
    flags: frozenset[str]


def charges_of(sent: SentClaim, default_currency: str, *, is_void: bool = False) -> Charges:
    """Return the charges; lines in another currency than the claim's charge nothing.

    A line below zero is rejected, unless the claim voids another. A row of a feed's lines does not
    know its claim, so it is found here.
    """
    kept = tuple(line for line in sent.lines if is_void or line.charge is None or line.charge >= 0)
    # A claim without lines has one: its total.
    lines = _numbered(kept) or (SentLine(1, charge=sent.total, source=sent.source),)
    currency, found = _currency(sent, lines, default_currency)
    if len(kept) < len(sent.lines):
        found.add(flags.CHARGE_NEGATIVE)
    given: list[int | None] = []
    rounded = 0
    for line in lines:
        if line.currency not in (None, currency):
            found.add(flags.CURRENCY_MIXED)
            given.append(0)
            continue
        if line.charge is None:
            given.append(None)
            continue
        charge, is_rounded = read_cents(line.charge)
        given.append(charge)
        rounded += is_rounded
    if rounded:
        found.add(flags.SUB_CENT)
    of_lines = _completed(sent.total, given, rounded, found)
    return Charges(lines, of_lines, currency, frozenset(found))


def _numbered(lines: tuple[SentLine, ...]) -> tuple[SentLine, ...]:
    """Return the lines by number; one whose number is taken gets the next that is free."""
    ordered = sorted(lines, key=lambda line: line.number)
    numbers = {line.number for line in ordered}
    if len(numbers) == len(ordered):
        return tuple(ordered)
    seen: set[int] = set()
    found = []
    for line in ordered:
        number = line.number if line.number not in seen else max(numbers) + 1
        numbers.add(number)
        seen.add(number)
        found.append(line if number == line.number else replace(line, number=number))
    return tuple(sorted(found, key=lambda line: line.number))


def _currency(sent: SentClaim, lines: tuple[SentLine, ...], default: str) -> tuple[str, set[str]]:
    named = next((line.currency for line in lines if line.currency), None) or sent.currency
    return (named, set()) if named else (default, {flags.CURRENCY_MISSING})


def _completed(
    total: Decimal | None, given: list[int | None], rounded: int, found: set[str]
) -> tuple[int, ...]:
    """Return a charge for every line; what is missing of the total goes to the first without."""
    whole = sum(charge for charge in given if charge is not None)
    missing = given.index(None) if None in given else None
    charges = [charge or 0 for charge in given]
    if total is None:
        return tuple(charges)
    difference = cents(total) - whole
    if missing is not None and difference > 0:
        found.add(flags.CHARGE_DERIVED)
        charges[missing] = difference
    # Each rounded line may differ from its exact charge by half a cent.
    elif abs(difference) > rounded:
        found.add(flags.CLAIM_TOTAL_MISMATCH)
    return tuple(charges)


def charge_of(
    net: Decimal | None,
    unit_price: Decimal | None,
    quantity: Decimal | None,
    factor: Decimal | None,
) -> Decimal | None:
    """Return what a line charges: its net, else unit price x quantity x factor."""
    if net is not None or unit_price is None:
        return net
    one = Decimal(1)
    return (
        unit_price * (one if quantity is None else quantity) * (one if factor is None else factor)
    )
