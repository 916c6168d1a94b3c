"""The versions of the rules that a mart's rows were made by, for its manifest."""

from __future__ import annotations

from collections.abc import Mapping

from metriccare.disclosure.cell_size import SMALLEST_SHOWN
from metriccare.marts.measures import MEASURES
from metriccare.marts.revenue.kpis import KPIS
from metriccare.query.published.marts import Mart

# How small cells are hidden: a new version rewrites every mart.
_SUPPRESSION = f"cells below {SMALLEST_SHOWN} and what would give them away, version 1"


def definitions_of(mart: Mart) -> Mapping[str, str]:
    """Return what -> version: of suppression, and of the measures and KPIs a mart is about."""
    names = {column.name for column in mart.columns}
    found = {"suppression": _SUPPRESSION}
    if "measure_id" in names:
        found |= {measure.id: measure.version for measure in MEASURES}
    if "kpi_id" in names:
        found |= {kpi.id: kpi.version for kpi in KPIS}
    return found
