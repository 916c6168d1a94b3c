"""What the report shows of a tenant, read from the views and publish tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from metriccare.measures import MEASURES
from metriccare.measures.definition import Measure
from metriccare.query.engine import SqlEngine
from metriccare.report.figures import told_apart
from metriccare.report.metrics import published_metrics

Record = dict[str, Any]

_SQL = {
    "readmission": "SELECT * FROM readmission_by_hospital ORDER BY value DESC, hospital_name",
    "mortality": "SELECT * FROM mortality_trend_by_year ORDER BY measure_id, period_year",
    "infections": "SELECT * FROM infection_by_snomed_code ORDER BY events DESC, display",
    "stays": (
        "SELECT * FROM metric_alos WHERE measure_id = 'alos' AND grain = 'all'"
        " AND stratum_type = 'hospital' ORDER BY value DESC, stratum_label"
    ),
    "quality": (
        "SELECT * FROM data_quality_summary"
        " ORDER BY CASE layer WHEN 'bronze' THEN 1 WHEN 'silver' THEN 2 ELSE 3 END,"
        " table_name, CASE rule_id WHEN 'rows' THEN 0 ELSE 1 END, rule_id"
    ),
    "freshness": "SELECT * FROM data_freshness ORDER BY resource_type",
    "runs": (
        "SELECT tenant, max(run_id) AS run_id, max(as_of) AS as_of, min(period_start) AS since"
        " FROM measure GROUP BY tenant ORDER BY tenant"
    ),
}


@dataclass(frozen=True)
class TenantReport:
    """One tenant's published figures; every list holds records of one view."""

    tenant: str
    run_id: str
    as_of: date
    since: date | None
    headline: tuple[tuple[Measure, Record], ...]
    readmission: tuple[Record, ...]
    mortality: tuple[Record, ...]
    infections: tuple[Record, ...]
    stays: tuple[Record, ...]
    quality: tuple[Record, ...]
    freshness: tuple[Record, ...]


def read_tenants(engine: SqlEngine) -> tuple[TenantReport, ...]:
    """Return what is published, a report for each tenant; none when nothing is."""
    found = {name: list(engine.query(sql).records()) for name, sql in _SQL.items()}
    found["headline"] = list(published_metrics(engine, None, None, "all").records())
    return tuple(_report(run, found) for run in found["runs"])


def _report(run: Record, found: dict[str, list[Record]]) -> TenantReport:
    own = {name: _of(run["tenant"], records) for name, records in found.items()}
    return TenantReport(
        tenant=run["tenant"],
        run_id=run["run_id"],
        as_of=run["as_of"],
        since=run["since"],
        headline=_headline(own["headline"]),
        readmission=told_apart(own["readmission"], "hospital_name", "hospital_id"),
        mortality=own["mortality"],
        infections=own["infections"],
        stays=told_apart(own["stays"], "stratum_label", "stratum_value"),
        quality=own["quality"],
        freshness=own["freshness"],
    )


def _of(tenant: str, records: Sequence[Record]) -> tuple[Record, ...]:
    return tuple(record for record in records if record["tenant"] == tenant)


def _headline(records: Sequence[Record]) -> tuple[tuple[Measure, Record], ...]:
    by_id = {record["measure_id"]: record for record in records}
    return tuple((measure, by_id[measure.id]) for measure in MEASURES if measure.id in by_id)
