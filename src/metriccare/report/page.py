"""`report.html`: one page with everything in it, to be mailed, printed, or opened from a disk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from metriccare import __version__
from metriccare.errors import MetricCareError
from metriccare.marts.measures import BY_ID, MEASURES, measures_of, sections
from metriccare.marts.measures.presentation import Chart, Section
from metriccare.quality.score import WEIGHTS
from metriccare.query.engine import SqlEngine
from metriccare.report import charts, figures, quality_scores
from metriccare.report.page_data import (
    Record,
    TenantReport,
    is_no_hospital,
    read_tenants,
)
from metriccare.report.revenue_section import TEMPLATE_WORDS, drawn_revenue


@dataclass(frozen=True)
class DrawnSection:
    """A section of one tenant: its words, its chart if there is one, and the rows of its table."""

    section: Section
    chart: charts.Chart | None
    rows: tuple[Record, ...]


def write_report(engine: SqlEngine, out: Path) -> None:
    """Write the report of everything published; a lake without results gives a page that says so.

    Raises MetricCareError when the file cannot be written.
    """
    page = render(read_tenants(engine))
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8")
    except OSError as error:
        raise MetricCareError(f"{out} cannot be written: {error.strerror}.") from error


def render(tenants: Sequence[TenantReport]) -> str:
    """Return the page of what is published, whole in one text."""
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            tenants=[
                {
                    "report": tenant,
                    "sections": _sections(place, tenant),
                    "revenue": drawn_revenue(place, tenant.revenue) if tenant.revenue else None,
                }
                for place, tenant in enumerate(tenants)
            ],
            measures=_shown_measures(tenants),
            version=__version__,
            plotly_js=_plotly_js() if tenants else "",
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("metriccare.report"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        TEMPLATE_WORDS,
        value_text=figures.value_text,
        interval_text=figures.interval_text,
        count_text=figures.count_text,
        counts_text=figures.counts_text,
        number_text=figures.number_text,
        score_text=quality_scores.score_text,
        score_rows_text=quality_scores.rows_text,
        component_text=quality_scores.component_text,
        components=tuple(WEIGHTS),
        unit=figures.unit,
        hidden=figures.HIDDEN,
        measure_by_id=BY_ID,
    )
    return environment


def _sections(place: int, tenant: TenantReport) -> list[DrawnSection]:
    """Return the sections of a tenant; ids carry its place, as a page may show several."""
    return [
        DrawnSection(
            section,
            _chart(f"{section.id}-{place}", section, tenant),
            tenant.sections[section.id],
        )
        for section in sections()
    ]


def _chart(chart_id: str, section: Section, tenant: TenantReport) -> charts.Chart | None:
    rows, measures = tenant.sections[section.id], measures_of(section)
    if section.chart is Chart.CODE_DONUT:
        return charts.infection_donut(chart_id, rows)
    if section.chart is Chart.YEAR_LINES:
        lines = [(m, [row for row in rows if row["measure_id"] == m.id]) for m in measures]
        return charts.year_lines(chart_id, lines)
    (measure,) = measures
    overall = {measure.id: row for measure, row in tenant.headline}
    # Stays of no known hospital are a row of the table: among bars they would look like one.
    hospitals = [(row["stratum_label"], row) for row in rows if not is_no_hospital(row)]
    return charts.hospital_bars(chart_id, measure, overall.get(measure.id), hospitals)


def _shown_measures(tenants: Sequence[TenantReport]) -> list[Any]:
    shown = {measure.id for tenant in tenants for measure, _ in tenant.headline}
    return [measure for measure in MEASURES if measure.id in shown]


def _plotly_js() -> str:
    """Return plotly.js, which the page carries so that it needs no network."""
    library = resources.files("plotly").joinpath("package_data/plotly.min.js")
    return library.read_text(encoding="utf-8")
