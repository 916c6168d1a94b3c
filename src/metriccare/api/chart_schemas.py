"""JSON schemas of charts and catalogues."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metriccare.api.schemas import (
    DATE,
    FIGURE,
    FLAG,
    INTEGER,
    NUMBER,
    TEXT,
    fields,
    many,
    maybe,
    maybe_named,
    maybe_word,
    named,
    word,
)
from metriccare.api.series import BETTER, NEITHER, WORSE
from metriccare.statistics.control_chart import ChartKind, NoLimits
from metriccare.statistics.direction import HIGHER, LOWER
from metriccare.statistics.funnel import Place
from metriccare.statistics.signals import Signal

_VERDICT = maybe_word(BETTER, WORSE, NEITHER)
_SIGNALS = many(word(*Signal))
_BETTER = maybe_word(LOWER, HIGHER)
_PERIOD = {"grain": TEXT, "period_start": maybe(DATE), "period_end": maybe(DATE)}
_FIGURES = {
    "numerator": FIGURE,
    "denominator": FIGURE,
    "value": FIGURE,
    "ci_low": FIGURE,
    "ci_high": FIGURE,
    "suppressed": FLAG,
}
_POINT = fields(
    period_start=maybe(DATE),
    period_end=maybe(DATE),
    **_FIGURES,
    partial=FLAG,
    low=maybe(NUMBER),
    high=maybe(NUMBER),
    signals=_SIGNALS,
    verdict=_VERDICT,
)
_SIGNAL = fields(period_start=maybe(DATE), signals=_SIGNALS, verdict=_VERDICT)
_SERIES = {
    "kind": word(*ChartKind),
    "centre": maybe(NUMBER),
    "reason": maybe_word(*NoLimits),
    "sigma_z": maybe(NUMBER),
    "rules": _SIGNALS,
    "better": _BETTER,
    "hidden": INTEGER,
    "points": many(named("chart_point")),
    "signal": maybe_named("chart_signal"),
}
_LIMITS = fields(
    denominator=NUMBER, low_95=NUMBER, high_95=NUMBER, low_99_8=NUMBER, high_99_8=NUMBER
)
_ANSWER_META = named("answer_meta")
_STRATUM = {"stratum_value": TEXT, "stratum_label": maybe(TEXT)}
_MEASURE_WORDS = {
    "measure_id": TEXT,
    "title": TEXT,
    "question": TEXT,
    "area": TEXT,
    "area_title": TEXT,
    "shape": TEXT,
    "per": INTEGER,
    "denominator_unit": TEXT,
    "better": _BETTER,
    "version": TEXT,
}

# Schemas that several answers share, by their name in the document.
SHARED: Mapping[str, Any] = {
    "chart_point": _POINT,
    "chart_signal": _SIGNAL,
    "series": fields(**_SERIES),
    "funnel_limits": _LIMITS,
    "headline": fields(**_PERIOD, **_FIGURES),
}
MEASURES = fields(
    data=many(
        fields(
            **_MEASURE_WORDS,
            headline=maybe_named("headline"),
            spark=named("series"),
            signal=maybe_named("chart_signal"),
            hospitals_outside=maybe(INTEGER),
        )
    ),
    meta=_ANSWER_META,
)
CONTROL_CHART = fields(
    measure_id=TEXT,
    title=TEXT,
    grain=TEXT,
    per=INTEGER,
    denominator_unit=TEXT,
    hospital=maybe(TEXT),
    label=maybe(TEXT),
    **_SERIES,
    offers=fields(grain=maybe(TEXT), all_hospitals=FLAG, small_counts=FLAG),
    meta=_ANSWER_META,
)
FUNNEL = fields(
    measure_id=TEXT,
    title=TEXT,
    per=INTEGER,
    **_PERIOD,
    centre=maybe(NUMBER),
    curve=many(named("funnel_limits")),
    units=many(
        fields(
            **_STRATUM, **_FIGURES, place=maybe_word(*Place), limits=maybe_named("funnel_limits")
        )
    ),
    hidden=many(fields(**_STRATUM)),
    reason=maybe(TEXT),
    overdispersed=FLAG,
    meta=_ANSWER_META,
)
STRATA = fields(
    measure_id=TEXT,
    title=TEXT,
    per=INTEGER,
    by=TEXT,
    **_PERIOD,
    whole={"type": ["object", "null"], "properties": _FIGURES},
    data=many(fields(**_STRATUM, **_FIGURES)),
    meta=_ANSWER_META,
)
KPIS = fields(
    currency=maybe(TEXT),
    data=many(
        fields(
            kpi_id=TEXT,
            title=TEXT,
            question=TEXT,
            unit=TEXT,
            better=_BETTER,
            is_stock=FLAG,
            version=TEXT,
            headline={"type": ["object", "null"], "properties": {**_PERIOD, **_FIGURES}},
            spark=named("series"),
            signal=maybe_named("chart_signal"),
        )
    ),
    meta=_ANSWER_META,
)
KPI_CHART = fields(
    kpi_id=TEXT,
    title=TEXT,
    unit=TEXT,
    grain=TEXT,
    currency=maybe(TEXT),
    facility=maybe(TEXT),
    label=maybe(TEXT),
    **_SERIES,
    offers=fields(grain=maybe(TEXT), all_facilities=FLAG),
    meta=_ANSWER_META,
)
_EXCLUSIONS = many(fields(reason=TEXT, meaning=TEXT))
DEFINITION = fields(
    measure_id=TEXT,
    version=TEXT,
    title=TEXT,
    question=TEXT,
    numerator=TEXT,
    denominator=TEXT,
    exclusions=_EXCLUSIONS,
    period=TEXT,
    source=TEXT,
    caveats=TEXT,
    shape=TEXT,
    denominator_unit=TEXT,
    per=INTEGER,
    better=_BETTER,
    strata=many(TEXT),
    area=TEXT,
    area_title=TEXT,
    view=TEXT,
    examples=many(TEXT),
    page=TEXT,
)
KPI_DEFINITION = fields(
    kpi_id=TEXT,
    version=TEXT,
    title=TEXT,
    question=TEXT,
    unit=TEXT,
    numerator=TEXT,
    denominator=TEXT,
    exclusions=_EXCLUSIONS,
    period=TEXT,
    source=TEXT,
    caveats=TEXT,
    is_stock=FLAG,
    strata=many(TEXT),
    page=TEXT,
)
