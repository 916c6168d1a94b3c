"""Parameters that charts of measures and of KPIs share."""

from __future__ import annotations

from metriccare.api.parameters import DATE, Parameter
from metriccare.api.series import CHART_GRAINS
from metriccare.statistics.signals import Signal
from metriccare.tables.grains import MONTH

GRAIN = Parameter("grain", "Length of the periods.", choices=CHART_GRAINS, default=MONTH)
PERIODS = (
    Parameter("from", "First day of the first period.", DATE),
    Parameter("to", "The day after the last period begins.", DATE),
)
RULES = Parameter(
    "rule", "Rules that mark points; all if left out.", choices=tuple(Signal), is_many=True
)
