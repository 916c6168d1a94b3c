"""Funnel limits against scipy, and the distribution functions behind them."""

from __future__ import annotations

import pytest
from scipy import stats

from metriccare.statistics.distributions import binomial_cdf, poisson_cdf
from metriccare.statistics.funnel import Place, Shape, Unit, funnel, limits_at


@pytest.mark.parametrize("size", [1, 7, 50, 1_000, 250_000])
@pytest.mark.parametrize("share", [0.001, 0.02, 0.15, 0.5, 0.97])
def test_binomial_distribution_equals_scipy(size: int, share: float) -> None:
    for part in (0.0, 0.01, share * 0.9, share, min(1.0, share * 1.1), 1.0):
        count = int(size * part)

        assert binomial_cdf(count, size, share) == pytest.approx(
            stats.binom.cdf(count, size, share), abs=1e-9
        )


@pytest.mark.parametrize("mean", [0.01, 0.7, 5.0, 80.0, 30_000.0])
def test_poisson_distribution_equals_scipy(mean: float) -> None:
    for count in (0, 1, int(mean * 0.95), int(mean), int(mean * 1.05) + 3):
        assert poisson_cdf(count, mean) == pytest.approx(stats.poisson.cdf(count, mean), abs=1e-9)


@pytest.mark.parametrize("size", [20, 150, 4_000])
@pytest.mark.parametrize("share", [0.03, 0.15, 0.4])
def test_limits_lie_beside_the_exact_binomial_quantiles(size: int, share: float) -> None:
    limits = limits_at(Shape.PROPORTION, share, size)

    found = [limits.low_998, limits.low_95, limits.high_95, limits.high_998]
    for value, probability in zip(found, (0.001, 0.025, 0.975, 0.999), strict=True):
        exact = stats.binom.ppf(probability, size, share)
        # Interpolation moves a limit by less than one count below the quantile.
        assert exact - 1 - 1e-9 <= value * size <= exact + 1e-9 or value == 0.0


@pytest.mark.parametrize("mean", [0.4, 12.0, 900.0])
def test_limits_of_rates_lie_beside_the_exact_poisson_quantiles(mean: float) -> None:
    limits = limits_at(Shape.RATE, mean / 5_000, 5_000)

    for value, probability in ((limits.low_95, 0.025), (limits.high_998, 0.999)):
        exact = stats.poisson.ppf(probability, mean)
        assert exact - 1 - 1e-9 <= value * 5_000 <= exact + 1e-9 or value == 0.0


def test_a_unit_far_above_the_others_is_outside() -> None:
    usual = [Unit(15, 100) for _ in range(9)]

    found = funnel(Shape.PROPORTION, [*usual, Unit(35, 100)])

    assert found is not None
    assert found.centre == pytest.approx(170 / 1000)
    assert found.places == (*[Place.INSIDE] * 9, Place.ABOVE_998)
    assert not found.is_overdispersed


def test_limits_narrow_as_denominators_grow() -> None:
    found = funnel(Shape.PROPORTION, [Unit(2, 20), Unit(300, 3_000)])

    assert found is not None
    widths = [limits.high_998 - limits.low_998 for limits in found.curve]
    assert widths == sorted(widths, reverse=True)
    assert (found.curve[0].denominator, found.curve[-1].denominator) == (20, 3_000)


def test_nothing_to_pool_has_no_funnel() -> None:
    assert funnel(Shape.RATE, []) is None
    assert funnel(Shape.RATE, [Unit(0, 0.0)]) is None


def test_many_units_outside_say_that_chance_is_not_the_only_cause() -> None:
    found = funnel(Shape.PROPORTION, [Unit(50, 1_000)] * 5 + [Unit(250, 1_000)] * 5)

    assert found is not None
    assert found.is_overdispersed
