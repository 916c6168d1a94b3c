"""Points of a series that chance does not explain: the four rules of Making data count.

Source: NHS England, Making data count; decisions 4. Each rule can be switched off.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise

_RUN = 7
_OUTER_THIRD, _LIMIT = 2.0, 3.0


class Signal(StrEnum):
    """What makes a point unusual."""

    BEYOND_LIMIT = "beyond_limit"
    ONE_SIDE = "seven_on_one_side"
    TREND = "seven_rising_or_falling"
    NEAR_LIMIT = "two_of_three_near_a_limit"


def signals_of(
    values: Sequence[float], centre: float, sigmas: Sequence[float], rules: Sequence[Signal]
) -> list[tuple[Signal, ...]]:
    """Return the rules that each point meets; a run marks every point in it."""
    scores = [_score(value - centre, sigma) for value, sigma in zip(values, sigmas, strict=True)]
    marked = {
        Signal.BEYOND_LIMIT: {i for i, score in enumerate(scores) if abs(score) > _LIMIT},
        Signal.ONE_SIDE: _runs([_sign(score) for score in scores], _RUN),
        Signal.TREND: _trends(values),
        Signal.NEAR_LIMIT: _near(scores),
    }
    return [
        tuple(rule for rule in Signal if rule in rules and place in marked[rule])
        for place in range(len(values))
    ]


def _score(difference: float, sigma: float) -> float:
    """Return the distance from the centre in standard deviations; equal values have none."""
    # A constant series leaves differences of 1e-17 over a spread of 0.
    return difference / sigma if sigma > 1e-12 else 0.0


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def _runs(signs: Sequence[int], length: int) -> set[int]:
    """Return the places in runs of one sign; a point on the line ends a run."""
    marked: set[int] = set()
    start = 0
    for place in range(1, len(signs) + 1):
        if place == len(signs) or signs[place] != signs[start]:
            if signs[start] and place - start >= length:
                marked.update(range(start, place))
            start = place
    return marked


def _trends(values: Sequence[float]) -> set[int]:
    """Return the places in runs of seven points that all rise or all fall."""
    steps = [_sign(b - a) for a, b in pairwise(values)]
    return {place + more for place in _runs(steps, _RUN - 1) for more in (0, 1)}


def _near(scores: Sequence[float]) -> set[int]:
    """Return points in the outer third where two of three neighbours are there on one side."""
    sides = [_sign(s) if _OUTER_THIRD < abs(s) <= _LIMIT else 0 for s in scores]
    marked: set[int] = set()
    for start in range(len(sides) - 2):
        window = range(start, start + 3)
        for side in (1, -1):
            near = [place for place in window if sides[place] == side]
            if len(near) >= 2:
                marked.update(near)
    return marked
