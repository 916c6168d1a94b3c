"""The view of every published KPI, its header written from their declarations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metriccare.marts.revenue.definition import Kpi
from metriccare.marts.revenue.kpis import KPIS
from metriccare.report.measure_views import header, joined, of_each

NAME = "claims_analytics"
COLUMNS = (
    "tenant",
    "kpi_id",
    "grain",
    "period_start",
    "period_end",
    "stratum_type",
    "stratum_value",
    "stratum_label",
    "currency",
    "numerator",
    "denominator",
    "value",
    "unit",
    "ci_low",
    "ci_high",
    "provisional",
    "note",
    "suppressed",
    "as_of",
)
_HIDDEN = "rows of 1 to 10 persons, and what would give them away, are hidden"


def kpi_views() -> Mapping[str, str]:
    """Return the text of the view of every KPI by its name."""
    fields = {
        "Question": joined(kpi.question for kpi in KPIS),
        "Numerator": of_each(KPIS, lambda kpi: kpi.numerator_words),
        "Denominator": of_each(KPIS, lambda kpi: kpi.denominator_words),
        "Exclusions": of_each(KPIS, _reasons),
        "Grain": "one row per tenant, KPI, period, stratum and currency; periods by "
        + of_each(KPIS, lambda kpi: kpi.placed_words),
        "Source": of_each(KPIS, lambda kpi: kpi.source)
        + "; 95 % interval of proportions of counts by Wilson",
        "Caveats": _caveats(KPIS),
    }
    columns = ",\n".join(f"    {name}" for name in COLUMNS)
    text = header("Every KPI of the revenue cycle, as published.", fields)
    return {NAME: f"{text}select\n{columns}\nfrom kpi\n"}


def _reasons(kpi: Kpi) -> str:
    return ", ".join(reason.word for reason in kpi.reasons) or "none"


def _caveats(kpis: Sequence[Kpi]) -> str:
    own = [f"{kpi.id}: {kpi.caveats}" for kpi in kpis if kpi.caveats]
    return joined((*own, f"{_HIDDEN.capitalize()}."))
