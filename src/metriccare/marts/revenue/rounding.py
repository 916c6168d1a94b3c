"""Exact division and rounding half up (away from zero), once, at the end."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def divided(numerator: int, denominator: int, digits: int) -> int:
    """Return a quotient of whole numbers in units of 10^-digits, rounded half up."""
    scale: int = 10**digits
    scaled = 2 * abs(numerator) * scale
    found = (scaled + abs(denominator)) // (2 * abs(denominator))
    return found if (numerator < 0) == (denominator < 0) else -found


def rounded(value: Fraction, digits: int) -> Decimal:
    """Return a fraction as a decimal, rounded half up."""
    return decimal(divided(value.numerator, value.denominator, digits), digits)


def decimal(units: int, digits: int) -> Decimal:
    """Return a number of units of 10^-digits as a decimal."""
    return Decimal(units).scaleb(-digits)
