"""Control charts against worked examples that others published."""

from __future__ import annotations

import random

import pytest

from metriccare.statistics import control_chart as charts
from metriccare.statistics.control_chart import ChartKind, NoLimits, Point, control_chart
from metriccare.statistics.signals import Signal, signals_of

# NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.3.2: defectives in 30 lots of 50 chips.
NIST_P = [12, 15, 8, 10, 4, 7, 16, 9, 14, 10, 5, 6, 17, 12, 22,
          8, 10, 5, 13, 11, 20, 18, 24, 15, 9, 12, 7, 13, 9, 6]  # fmt: skip
# The same, 6.3.2.2: flow rates of 10 batches.
NIST_XMR = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
# The same, 6.3.3.1: defects of 25 wafers.
NIST_C = [16, 14, 28, 16, 12, 20, 10, 12, 10, 17, 19, 17, 14,
          16, 15, 13, 14, 16, 11, 20, 11, 19, 16, 31, 13]  # fmt: skip


def test_p_chart_of_the_nist_handbook() -> None:
    chart = control_chart(ChartKind.P, [Point(n / 50, 50) for n in NIST_P], ())
    centre, sigmas, sigma_z = charts._spread(ChartKind.P, [Point(n / 50, 50) for n in NIST_P])

    assert centre == pytest.approx(0.2313, abs=5e-5)
    # The handbook corrects for no overdispersion; ours does, by sigma_z.
    assert sigma_z is not None
    assert sigma_z > 1.2
    plain = sigmas[0] / sigma_z
    assert centre + 3 * plain == pytest.approx(0.4102, abs=5e-5)
    assert centre - 3 * plain == pytest.approx(0.0524, abs=5e-5)
    assert chart.limits[0] is not None
    assert chart.limits[0].high == pytest.approx(centre + 3 * sigmas[0])


def test_xmr_chart_of_the_nist_handbook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(charts, "LEAST_POINTS", 10)

    chart = control_chart(ChartKind.XMR, [Point(value) for value in NIST_XMR])

    band = chart.limits[0]
    assert band is not None
    assert chart.centre == pytest.approx(50.81)
    assert (band.low, band.high) == pytest.approx((45.8159, 55.8041), abs=2e-3)
    assert not any(chart.signals)


def test_u_chart_of_the_nist_handbook() -> None:
    chart = control_chart(ChartKind.U, [Point(float(n), 1) for n in NIST_C], [Signal.BEYOND_LIMIT])

    band = chart.limits[0]
    assert band is not None
    assert (chart.centre, band.low, band.high) == (16, 4, 28)
    assert [place for place, met in enumerate(chart.signals) if met] == [23]


def test_limits_step_with_the_denominator() -> None:
    points = [Point(0.1, 100 if place % 2 else 400) for place in range(12)]

    chart = control_chart(ChartKind.P, points)

    narrow, wide = chart.limits[0], chart.limits[1]
    assert narrow is not None
    assert wide is not None
    assert (wide.high - 0.1) == pytest.approx(2 * (narrow.high - 0.1))
    assert wide.low == pytest.approx(0.01)


@pytest.mark.parametrize("kind", list(ChartKind))
def test_a_hidden_point_leaves_no_limits_and_no_signals(kind: ChartKind) -> None:
    points = [Point(0.5, 100) for _ in range(24)]
    points[7] = Point(None, None, is_hidden=True)

    chart = control_chart(kind, points)

    assert chart.reason is NoLimits.HIDDEN
    assert (chart.centre, set(chart.limits), any(chart.signals)) == (None, {None}, False)


def test_eleven_points_are_too_few() -> None:
    assert control_chart(ChartKind.XMR, [Point(1.0)] * 11).reason is NoLimits.FEW
    assert control_chart(ChartKind.XMR, [Point(1.0)] * 12).reason is None


def test_a_partial_last_period_changes_neither_limits_nor_signals() -> None:
    points = [Point(float(place % 3), 1) for place in range(15)]
    partial = [*points, Point(99.0, 1, is_partial=True)]

    whole, with_partial = (control_chart(ChartKind.XMR, p) for p in (points, partial))

    assert with_partial.centre == whole.centre
    assert (with_partial.limits[-1], with_partial.signals[-1]) == (None, ())


def test_a_period_without_a_denominator_is_left_out() -> None:
    points = [Point(float(place % 3), 10) for place in range(12)]

    chart = control_chart(ChartKind.U, [*points[:6], Point(None, 0), *points[6:]])

    assert chart.reason is None
    assert chart.limits[6] is None
    assert chart.centre == 1.0


def _met(values: list[float], rule: Signal) -> list[int]:
    found = signals_of(values, 0.0, [1.0] * len(values), [rule])
    return [place for place, met in enumerate(found) if met]


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        ([1.0] * 7, [0, 1, 2, 3, 4, 5, 6]),
        ([1.0] * 6 + [0.0] + [1.0] * 6, []),
        ([-1.0] * 8 + [1.0], list(range(8))),
    ],
    ids=["seven above", "a point on the line ends a run", "eight below"],
)
def test_seven_on_one_side(values: list[float], marked: list[int]) -> None:
    assert _met(values, Signal.ONE_SIDE) == marked


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        ([0.1 * n for n in range(7)], list(range(7))),
        ([0.1 * n for n in range(6)], []),
        ([0.0, 0.1, 0.2, 0.3, 0.3, 0.4, 0.5, 0.6], []),
    ],
    ids=["seven rising", "six rising", "two equal neighbours end a trend"],
)
def test_seven_rising_or_falling(values: list[float], marked: list[int]) -> None:
    assert _met(values, Signal.TREND) == marked


@pytest.mark.parametrize(
    ("values", "marked"),
    [
        ([2.5, 0.0, 2.5], [0, 2]),
        ([2.5, 0.0, -2.5], []),
        ([2.5, 0.0, 0.0, 2.5], []),
        ([3.5, 0.0, 2.5], []),
    ],
    ids=["two of three", "on two sides", "too far apart", "one beyond the limit is another rule"],
)
def test_two_of_three_near_a_limit(values: list[float], marked: list[int]) -> None:
    assert _met(values, Signal.NEAR_LIMIT) == marked


def test_a_constant_series_has_no_signals() -> None:
    assert not any(control_chart(ChartKind.XMR, [Point(0.1)] * 24).signals)
    assert not any(control_chart(ChartKind.P, [Point(0.0, 50)] * 24).signals)


def test_points_beyond_three_sigma_are_as_rare_as_the_normal_distribution_says() -> None:
    rng = random.Random(11)
    beyond = 0
    for _ in range(1000):
        values = [rng.gauss(0, 1) for _ in range(24)]
        found = signals_of(values, 0.0, [1.0] * 24, [Signal.BEYOND_LIMIT])
        beyond += sum(map(bool, found))

    # 0.27 % of 24,000 are 65; the band is four standard deviations of that count.
    assert 33 <= beyond <= 97
