"""Distribution functions of counts: binomial and Poisson, exact, without a numerical library.

By the regularized incomplete beta and gamma functions (continued fractions and series).
Source: Press et al., Numerical Recipes, 6.2 and 6.4.
"""

from __future__ import annotations

import math
from collections.abc import Callable

# Double precision; the fractions need about the square root of n steps: enough for a million.
_EPSILON, _TINY, _STEPS = 3e-16, 1e-300, 20_000


def binomial_cdf(count: int, size: int, share: float) -> float:
    """Return the probability of at most `count` of `size`."""
    if count < 0:
        return 0.0
    if count >= size:
        return 1.0
    return 1.0 - incomplete_beta(count + 1.0, float(size - count), share)


def poisson_cdf(count: int, mean: float) -> float:
    """Return the probability of at most `count` events."""
    if count < 0:
        return 0.0
    return 1.0 if mean <= 0 else 1.0 - incomplete_gamma(count + 1.0, mean)


def binomial_share(count: int, size: int, share: float) -> float:
    """Return the probability of exactly `count` of `size`; `share` is neither 0 nor 1."""
    ways = math.lgamma(size + 1) - math.lgamma(count + 1) - math.lgamma(size - count + 1)
    return math.exp(ways + count * math.log(share) + (size - count) * math.log1p(-share))


def poisson_share(count: int, mean: float) -> float:
    """Return the probability of exactly `count` events; `mean` is above 0."""
    return math.exp(count * math.log(mean) - mean - math.lgamma(count + 1))


def value_at(
    cdf: Callable[[int], float],
    share: Callable[[int], float],
    probability: float,
    near: int,
    most: int,
) -> float:
    """Return the value at a probability, interpolated between the two counts beside it.

    The upper one is the smallest count of which the distribution function exceeds the probability.
    It is looked for from `near` on: one value of the function, which is slow, then single shares.
    """
    count = min(max(near, 0), most)
    here, own = cdf(count), share(count)
    while here <= probability and count < most:
        count += 1
        own = share(count)
        here += own
    while here - own > probability and count > 0:
        here -= own
        count -= 1
        own = share(count)
    return count - (here - probability) / own if own > 0 else float(count)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularized incomplete beta function I_x(a, b)."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    logs = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b)
    front = math.exp(logs + a * math.log(x) + b * math.log1p(-x))
    if x < (a + 1.0) / (a + b + 2.0):
        return front * _beta_fraction(a, b, x) / a
    return 1.0 - front * _beta_fraction(b, a, 1.0 - x) / b


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function, by Lentz's method."""
    c, d = 1.0, 1.0 / _nonzero(1.0 - (a + b) * x / (a + 1.0))
    found = d
    for step in range(1, _STEPS):
        even = step * (b - step) * x / ((a + 2 * step - 1) * (a + 2 * step))
        odd = -(a + step) * (a + b + step) * x / ((a + 2 * step) * (a + 2 * step + 1))
        for part in (even, odd):
            d = 1.0 / _nonzero(1.0 + part * d)
            c = _nonzero(1.0 + part / c)
            found *= d * c
        if abs(d * c - 1.0) < _EPSILON:
            break
    return found


def incomplete_gamma(a: float, x: float) -> float:
    """Return the regularized lower incomplete gamma function P(a, x)."""
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1.0:
        return front * _gamma_series(a, x)
    return 1.0 - front * _gamma_fraction(a, x)


def _gamma_series(a: float, x: float) -> float:
    term = total = 1.0 / a
    for step in range(1, _STEPS):
        term *= x / (a + step)
        total += term
        if term < total * _EPSILON:
            break
    return total


def _gamma_fraction(a: float, x: float) -> float:
    b = x + 1.0 - a
    c, d = 1.0 / _TINY, 1.0 / _nonzero(b)
    found = d
    for step in range(1, _STEPS):
        part, b = -step * (step - a), b + 2.0
        d = 1.0 / _nonzero(part * d + b)
        c = _nonzero(b + part / c)
        found *= d * c
        if abs(d * c - 1.0) < _EPSILON:
            break
    return found


def _nonzero(number: float) -> float:
    return number if abs(number) > _TINY else _TINY
