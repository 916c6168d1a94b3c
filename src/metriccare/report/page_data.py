"""What the report shows of a tenant, read from the views and publish tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from metriccare.marts.measures import MEASURES, measures_of, sections
from metriccare.marts.measures.definition import Measure
from metriccare.marts.measures.presentation import Chart, Section
from metriccare.marts.periods import ALL, YEAR
from metriccare.query.engine import SqlEngine
from metriccare.report.figures import with_unique_names
from metriccare.report.published_metrics import published_metrics
from metriccare.report.quality_scores import NEWEST as NEWEST_SCORES
from metriccare.report.revenue_data import RevenueReport, read_revenue
from metriccare.tables.strata import HOSPITAL, OVERALL, UNKNOWN

Record = dict[str, Any]
NO_HOSPITAL = "Stays whose hospital is not known"

_SQL = {
    "quality": (
        "SELECT * FROM data_quality_summary"
        " ORDER BY CASE layer WHEN 'bronze' THEN 1 WHEN 'silver' THEN 2 ELSE 3 END,"
        " table_name, CASE rule_id WHEN 'rows' THEN 0 ELSE 1 END, rule_id"
    ),
    "scores": NEWEST_SCORES,
    "freshness": "SELECT * FROM data_freshness ORDER BY resource_type",
    "runs": (
        "WITH results AS (SELECT tenant, run_id, as_of, period_start FROM measure"
        " UNION ALL SELECT tenant, run_id, as_of, period_start FROM kpi)"
        " SELECT tenant, max(run_id) AS run_id, max(as_of) AS as_of, min(period_start) AS since"
        " FROM results GROUP BY tenant ORDER BY tenant"
    ),
}


@dataclass(frozen=True)
class TenantReport:
    """One tenant's published figures; every list holds records of one view.

    `sections` holds the records that each section of a measure draws, by the section's id.
    `revenue` is None where no claims have been sent.
    """

    tenant: str
    run_id: str
    as_of: date
    since: date | None
    headline: tuple[tuple[Measure, Record], ...]
    sections: Mapping[str, tuple[Record, ...]]
    revenue: RevenueReport | None
    quality: tuple[Record, ...]
    scores: tuple[Record, ...]
    freshness: tuple[Record, ...]


def read_tenants(engine: SqlEngine) -> tuple[TenantReport, ...]:
    """Return what is published, a report for each tenant; none when nothing is."""
    found = {name: list(engine.query(sql).records()) for name, sql in _SQL.items()}
    found["headline"] = list(published_metrics(engine, None, None, "all").records())
    drawn = {section.id: _drawn(engine, section) for section in sections()}
    revenue = read_revenue(engine)
    return tuple(_report(run, found, drawn, revenue) for run in found["runs"])


def _drawn(engine: SqlEngine, section: Section) -> Sequence[Record]:
    """Return the records a section draws, of all tenants."""
    if section.chart is Chart.CODE_DONUT:
        codes = f"SELECT * FROM {section.view} ORDER BY events DESC, display"  # noqa: S608
        return list(engine.query(codes).records())
    if section.chart is Chart.YEAR_LINES:
        years = _results(engine, section, YEAR, OVERALL, "measure_id, period_start")
        return [{**row, "period_year": row["period_start"].year} for row in years]
    bars = _results(engine, section, ALL, HOSPITAL.name, "value DESC, stratum_label")
    named = with_unique_names(bars, "stratum_label", "stratum_value")
    return [{**row, "stratum_label": NO_HOSPITAL} if is_no_hospital(row) else row for row in named]


def is_no_hospital(row: Record) -> bool:
    """Return True for the figures of stays whose hospital is not known."""
    return bool(row["stratum_value"] == UNKNOWN)


def _results(
    engine: SqlEngine, section: Section, grain: str, stratum_type: str, order: str
) -> list[Record]:
    """Return the published results of a section's measures for one grain and stratum."""
    measures = measures_of(section)
    # The words are those of declarations, never what was typed.
    selects = [
        f"SELECT * FROM {measure.subject.view} WHERE measure_id = '{measure.id}'"  # noqa: S608
        f" AND grain = '{grain}' AND stratum_type = '{stratum_type}'"
        for measure in measures
    ]
    sql = f"SELECT * FROM ({' UNION ALL '.join(selects)}) results ORDER BY {order}"  # noqa: S608
    return list(engine.query(sql).records())


def _report(
    run: Record,
    found: Mapping[str, Sequence[Record]],
    drawn: Mapping[str, Sequence[Record]],
    revenue: Mapping[str, RevenueReport],
) -> TenantReport:
    own = {name: _of(run["tenant"], records) for name, records in found.items()}
    return TenantReport(
        tenant=run["tenant"],
        run_id=run["run_id"],
        as_of=run["as_of"],
        since=run["since"],
        headline=_headline(own["headline"]),
        sections={id_: _of(run["tenant"], records) for id_, records in drawn.items()},
        revenue=revenue.get(run["tenant"]),
        quality=own["quality"],
        scores=own["scores"],
        freshness=own["freshness"],
    )


def _of(tenant: str, records: Sequence[Record]) -> tuple[Record, ...]:
    return tuple(record for record in records if record["tenant"] == tenant)


def _headline(records: Sequence[Record]) -> tuple[tuple[Measure, Record], ...]:
    by_id = {record["measure_id"]: record for record in records}
    return tuple((measure, by_id[measure.id]) for measure in MEASURES if measure.id in by_id)
