"""Published rows over time as a control chart: points, limits, signals, or why there are none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from metriccare.marts.measures.definition import MEAN, PROPORTION, Measure
from metriccare.statistics.control_chart import ChartKind, ControlChart, Point, control_chart
from metriccare.statistics.direction import HIGHER, LOWER
from metriccare.statistics.signals import Signal
from metriccare.tables.grains import ALL, GRAINS, MONTH, QUARTER, YEAR

Record = Mapping[str, Any]
BETTER, WORSE, NEITHER = "better", "worse", "neither"
CHART_GRAINS = (MONTH, QUARTER, YEAR)
# What is shown of a published row.
FIGURES = ("numerator", "denominator", "value", "ci_low", "ci_high", "suppressed")
PERIOD = ("grain", "period_start", "period_end")
_KEPT = ("period_start", "period_end", *FIGURES)
_SPARK_POINTS = 24


@dataclass(frozen=True)
class Subject:
    """What is charted: the kind of chart, the units of its value, and which way is better.

    `per` is what values are given for: 1,000 where they are events per 1,000 patient days.
    """

    kind: ChartKind
    better: str | None
    per: int = 1


def subject_of(measure: Measure) -> Subject:
    """Return how a measure is charted."""
    kinds = {PROPORTION: ChartKind.P, MEAN: ChartKind.XMR}
    return Subject(kinds.get(measure.shape, ChartKind.U), measure.better, measure.per)


def chart_of(
    rows: Sequence[Record], subject: Subject, as_of: date | None, rules: Sequence[Signal]
) -> dict[str, Any]:
    """Return the chart of rows in the order of their periods, as JSON."""
    points = [_point(row, subject, as_of) for row in rows]
    chart = control_chart(subject.kind, points, rules or tuple(Signal))
    shown = list(_shown(rows, points, chart, subject))
    return {
        "kind": subject.kind,
        "centre": chart.centre,
        "reason": chart.reason,
        "sigma_z": chart.sigma_z,
        "rules": [rule.value for rule in (rules or Signal)],
        "better": subject.better,
        "hidden": sum(point.is_hidden for point in points),
        "points": shown,
        "signal": _newest_signal(shown),
    }


def in_short(
    rows: Sequence[Record], subject: Subject, as_of: date | None, shown: Sequence[str]
) -> dict[str, Any]:
    """Return what a catalogue says of rows of one period and of the whole time.

    The headline with the columns `shown`, the newest points with limits, and the signal.
    """
    headline = next((row for row in rows if row["grain"] == ALL), None)
    chart = chart_of([row for row in rows if row["grain"] != ALL], subject, as_of, ())
    return {
        "headline": {name: headline[name] for name in shown} if headline else None,
        "spark": {**chart, "points": chart["points"][-_SPARK_POINTS:]},
        "signal": chart["signal"],
    }


def _point(row: Record, subject: Subject, as_of: date | None) -> Point:
    size = row["denominator"]
    return Point(
        value=None if row["value"] is None else float(row["value"]),
        denominator=None if size is None else float(size) / subject.per,
        is_hidden=bool(row["suppressed"]),
        is_partial=_is_partial(row, as_of),
    )


def _is_partial(row: Record, as_of: date | None) -> bool:
    """Return True if the period ends after the data does."""
    end = row["period_end"]
    return end is not None and as_of is not None and end > as_of + timedelta(days=1)


def _shown(
    rows: Sequence[Record], points: Sequence[Point], chart: ControlChart, subject: Subject
) -> Iterable[dict[str, Any]]:
    before: float | None = None
    for row, point, band, signals in zip(rows, points, chart.limits, chart.signals, strict=True):
        yield {
            **{name: row[name] for name in _KEPT if name in row},
            "partial": point.is_partial,
            "low": band.low if band else None,
            "high": band.high if band else None,
            "signals": [signal.value for signal in signals],
            "verdict": _verdict(point, before, chart.centre, signals, subject.better),
        }
        before = point.value if point.counts else before


def _verdict(
    point: Point,
    before: float | None,
    centre: float | None,
    signals: Sequence[Signal],
    better: str | None,
) -> str | None:
    """Return whether an unusual point is better, worse or neither; None if it is usual."""
    if not signals or point.value is None or centre is None:
        return None
    from_where = before if tuple(signals) == (Signal.TREND,) and before is not None else centre
    is_higher = point.value > from_where
    if better not in (LOWER, HIGHER):
        return NEITHER
    return BETTER if is_higher == (better == HIGHER) else WORSE


def _newest_signal(shown: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Return the newest whole period if it is unusual."""
    whole = [point for point in shown if not point["partial"] and point["value"] is not None]
    if not whole or not whole[-1]["signals"]:
        return None
    last = whole[-1]
    return {name: last[name] for name in ("period_start", "signals", "verdict")}


def next_coarser(grain: str) -> str | None:
    """Return the next longer grain that may be charted; None after the year."""
    longer = GRAINS[: GRAINS.index(grain)]
    return longer[-1] if longer and longer[-1] in CHART_GRAINS else None
