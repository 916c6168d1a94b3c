"""Money as whole cents: rounding, splitting, and the way back to decimals.

Source: claims specification, 1.1. Amounts are added as integers, which is exact and fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

# Silver holds decimal(38,12): no amount of it may be rounded before it is rounded to cents.
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_CENT, _HUNDRED = Decimal("0.01"), Decimal(100)
# Digits before the point, less one, from which a product may not be exact.
_LONG = 15
# Binary noise of a JSON number is smaller than this. Source: claims specification, 1.1.2.
_NOISE = Decimal("1e-9")


def cents(amount: Decimal) -> int:
    """Return an amount in cents, half a cent rounded away from zero."""
    return read_cents(amount)[0]


# An amount comes up several times: in the claim, its answers, the explanation of benefit.
@lru_cache(maxsize=65536)
def read_cents(amount: Decimal) -> tuple[int, bool]:
    """Return an amount in cents, and whether it had more decimals than binary noise explains."""
    # Exact up to 28 digits, of which 12 are decimals; seven times as fast as in a context.
    if amount.adjusted() < _LONG:
        hundredfold = amount * _HUNDRED
        whole = int(hundredfold)
        if hundredfold == whole:
            return whole, False
    rounded = _EXACT.quantize(amount, _CENT)
    is_sub_cent = abs(_EXACT.subtract(amount, rounded)) > _NOISE
    return int(_EXACT.multiply(rounded, _HUNDRED)), is_sub_cent


# The amounts of a person come up again in many columns: charge, balance, payer balance ...
@lru_cache(maxsize=65536)
def amount(value: int) -> Decimal:
    """Return cents as a decimal with two places."""
    return Decimal(value).scaleb(-2)


def amount_or_none(value: int | None) -> Decimal | None:
    """Return cents as a decimal, None as None."""
    return None if value is None else amount(value)


def split(total: int, weights: Sequence[int]) -> list[int]:
    """Return the parts of a total in proportion to the weights; they add up to the cent.

    A negative total is split as its opposite, so that a reversal takes back exactly the parts it
    repeats. Weights that add up to nothing give everything to the first line.
    """
    whole = sum(weights)
    if not weights:
        return []
    if whole <= 0:
        return [total, *([0] * (len(weights) - 1))]
    sign, size = (-1, -total) if total < 0 else (1, total)
    parts, given, seen = [], 0, 0
    for weight in weights:
        seen += weight
        upto = size * seen // whole
        parts.append(sign * (upto - given))
        given = upto
    return parts
