"""95 % intervals: Wilson for proportions, exact Poisson below 10 events and Byar from 10.

Source: measure specification, section 7. Plain arithmetic, so that no numerical library has to be
deployed with the jobs.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

Z = 1.959963984540054
_EXACT_BELOW = 10
_TAIL = 0.025
WILSON, EXACT, BYAR = "wilson", "poisson_exact", "byar"


class Interval(NamedTuple):
    """An interval and the method that gave it."""

    low: float
    high: float
    method: str


def wilson(count: int, total: int) -> Interval:
    """Return the Wilson score interval of a proportion; `total` must be positive."""
    share, z2 = count / total, Z * Z
    centre = share + z2 / (2 * total)
    half = Z * math.sqrt(share * (1 - share) / total + z2 / (4 * total * total))
    scale = 1 + z2 / total
    low = 0.0 if count == 0 else (centre - half) / scale
    high = 1.0 if count == total else (centre + half) / scale
    return Interval(low, high, WILSON)


def poisson(events: int) -> Interval:
    """Return the interval of a count of events."""
    return _byar(events) if events >= _EXACT_BELOW else _exact(events)


def _byar(events: int) -> Interval:
    above = events + 1
    low = events * (1 - 1 / (9 * events) - Z / (3 * math.sqrt(events))) ** 3
    high = above * (1 - 1 / (9 * above) + Z / (3 * math.sqrt(above))) ** 3
    return Interval(low, high, BYAR)


# The few counts there are below 10 come up thousands of times.
@cache
def _exact(events: int) -> Interval:
    low = 0.0 if events == 0 else _mean_where(events - 1, 1 - _TAIL)
    return Interval(low, _mean_where(events, _TAIL), EXACT)


def _mean_where(events: int, probability: float) -> float:
    """Return the mean at which at most `events` happen with a probability, by bisection."""
    low, high = 0.0, 10.0 * (events + 2)
    for _ in range(200):
        middle = (low + high) / 2
        if _at_most(events, middle) > probability:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _at_most(events: int, mean: float) -> float:
    return math.exp(-mean) * sum(mean**k / math.factorial(k) for k in range(events + 1))
