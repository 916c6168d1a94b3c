"""`report.html`: one page with everything in it, to be mailed, printed, or opened from a disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from metriccare import __version__
from metriccare.errors import MetricCareError
from metriccare.measures import BY_ID, MEASURES
from metriccare.measures.reasons import MEANING
from metriccare.query.engine import SqlEngine
from metriccare.report import charts, figures
from metriccare.report.page_data import Record, TenantReport, read_tenants

_READMISSION, _ALOS = "readmission_30d", "alos"
_MORTALITY = ("mortality_in_hospital", "mortality_30d")


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
                {"report": tenant, "charts": _charts(place, tenant), "overall": _overall(tenant)}
                for place, tenant in enumerate(tenants)
            ],
            measures=_shown_measures(tenants),
            reasons=MEANING,
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
        value_text=figures.value_text,
        interval_text=figures.interval_text,
        count_text=figures.count_text,
        counts_text=figures.counts_text,
        number_text=figures.number_text,
        unit=figures.unit,
        hidden=figures.HIDDEN,
        measure_by_id=BY_ID,
    )
    return environment


def _charts(place: int, tenant: TenantReport) -> Mapping[str, charts.Chart | None]:
    """Return the charts of a tenant; ids carry its place, as a page may show several."""
    overall = _overall(tenant)
    return {
        "readmission": charts.hospital_bars(
            f"readmission-{place}",
            BY_ID[_READMISSION],
            overall.get(_READMISSION),
            [(row["hospital_name"], row) for row in tenant.readmission],
        ),
        "mortality": charts.mortality_lines(f"mortality-{place}", _lines(tenant)),
        "infections": charts.infection_donut(f"infections-{place}", tenant.infections),
        "stays": charts.hospital_bars(
            f"stays-{place}",
            BY_ID[_ALOS],
            overall.get(_ALOS),
            [(row["stratum_label"], row) for row in tenant.stays],
        ),
    }


def _overall(tenant: TenantReport) -> dict[str, Record]:
    return {measure.id: row for measure, row in tenant.headline}


def _lines(tenant: TenantReport) -> list[tuple[Any, list[Record]]]:
    return [
        (BY_ID[one], [row for row in tenant.mortality if row["measure_id"] == one])
        for one in _MORTALITY
    ]


def _shown_measures(tenants: Sequence[TenantReport]) -> list[Any]:
    shown = {measure.id for tenant in tenants for measure, _ in tenant.headline}
    return [measure for measure in MEASURES if measure.id in shown]


def _plotly_js() -> str:
    """Return plotly.js, which the page carries so that it needs no network."""
    library = resources.files("plotly").joinpath("package_data/plotly.min.js")
    return library.read_text(encoding="utf-8")
