"""KPIs of the revenue cycle as the page draws them: catalogue and XmR charts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date

from metriccare.api.endpoint import Call, Reply
from metriccare.api.named_datasets import named
from metriccare.api.reads import Reader, Record, between, declared, equal, of_stratum, one_of
from metriccare.api.series import FIGURES, PERIOD, Subject, chart_of, in_short, next_coarser
from metriccare.marts.revenue.definition import Kpi
from metriccare.marts.revenue.kpis import BY_ID, KPIS
from metriccare.statistics.control_chart import ChartKind
from metriccare.statistics.signals import Signal
from metriccare.tables.grains import ALL

KPI_RESULTS = named("kpi_results")
FACILITY = "facility"
_HEADLINE = (*PERIOD, *FIGURES, "provisional", "note")


def kpi_of(call: Call) -> Kpi:
    """Return the KPI of the address; not-found if there is none."""
    return declared(call, BY_ID)


def catalogue(call: Call) -> Reply:
    """Return every KPI with its headline, its newest points with limits, and its signal."""
    reader, values = Reader(call), call.values
    conditions = [
        *of_stratum(FACILITY, values["facility"]),
        one_of("grain", (ALL, values["grain"])),
    ]
    rows = reader.rows(KPI_RESULTS, conditions, ("kpi_id", "period_start"))
    currency = values["currency"] or usual_currency(rows)
    as_of = reader.as_of
    by_kpi: dict[str, list[Record]] = {kpi.id: [] for kpi in KPIS}
    for row in rows:
        if row["currency"] == currency and row["kpi_id"] in by_kpi:
            by_kpi[row["kpi_id"]].append(row)
    return reader.reply(
        {
            "currency": currency,
            "data": [_summary(kpi, by_kpi[kpi.id], as_of) for kpi in KPIS],
        }
    )


def _summary(kpi: Kpi, rows: Sequence[Record], as_of: date | None) -> Record:
    return {
        "kpi_id": kpi.id,
        "title": kpi.title,
        "question": kpi.question,
        "unit": kpi.unit,
        "better": kpi.better,
        "is_stock": kpi.is_stock,
        "version": kpi.version,
        **in_short(rows, _subject(kpi), as_of, _HEADLINE),
    }


def control_chart(call: Call) -> Reply:
    """Return a KPI over time as an XmR chart."""
    reader, values, kpi = Reader(call), call.values, kpi_of(call)
    conditions = [
        equal("kpi_id", kpi.id),
        equal("grain", values["grain"]),
        *of_stratum(FACILITY, values["facility"]),
        *between("period_start", values["from"], values["to"]),
    ]
    rows = reader.rows(KPI_RESULTS, conditions, ("period_start",))
    currency = values["currency"] or usual_currency(rows)
    series = [row for row in rows if row["currency"] == currency]
    rules = tuple(Signal(word) for word in values["rule"])
    as_of = reader.as_of
    return reader.reply(
        {
            "kpi_id": kpi.id,
            "title": kpi.title,
            "unit": kpi.unit,
            "grain": values["grain"],
            # Counts of accounts of one currency are no amounts of it.
            "currency": currency if kpi.is_of_money else None,
            "facility": values["facility"],
            "label": next((row["stratum_label"] for row in series), None),
            **chart_of(series, _subject(kpi), as_of, rules),
            "offers": {
                "grain": next_coarser(values["grain"]),
                "all_facilities": values["facility"] is not None,
            },
        }
    )


def usual_currency(rows: Sequence[Record]) -> str | None:
    """Return the currency of most rows; of equally many, the first by name."""
    counts = Counter(row["currency"] for row in rows if row["currency"] is not None)
    return min(counts, key=lambda name: (-counts[name], name), default=None)


def _subject(kpi: Kpi) -> Subject:
    return Subject(ChartKind.XMR, kpi.better)
