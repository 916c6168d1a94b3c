"""Parameters that charts share."""

from __future__ import annotations

from metriccare.api.parameters import DATE, Parameter
from metriccare.api.series import CHART_GRAINS
from metriccare.statistics.signals import Signal
from metriccare.tables.grains import ALL, GRAINS, MONTH
from metriccare.tables.strata import OVERALL, STRATUM_TYPES

GRAIN = Parameter("grain", "Length of the periods.", choices=CHART_GRAINS, default=MONTH)
PERIODS = (
    Parameter("from", "First day of the first period.", DATE),
    Parameter("to", "The day after the last period begins.", DATE),
)
RULES = Parameter(
    "rule", "Rules that mark points; all if left out.", choices=tuple(Signal), is_many=True
)
HOSPITAL = Parameter("hospital", "The organisation's id; without it, all hospitals together.")
ANY_GRAIN = Parameter("grain", "Length of the period.", choices=GRAINS, default=ALL)
START = Parameter("period_start", "First day of the period; else the newest whole one.", DATE)
BY = Parameter(
    "by",
    "What to break down by.",
    choices=tuple(name for name in STRATUM_TYPES if name != OVERALL),
    is_required=True,
)
