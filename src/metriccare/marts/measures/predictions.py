"""Predicted numbers of events, which users give, and the ratio of observed to predicted.

A standardised infection ratio needs a model of risk; MetricCare has none and invents none. A
versioned file gives the predicted events of a hospital or period, as a surveillance programme
hands them out. Source: measure specification, section 5.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

from metriccare.errors import UsageError
from metriccare.marts.measures import MEASURES
from metriccare.marts.measures.definition import RATE
from metriccare.marts.measures.results import ResultKey
from metriccare.marts.periods import ALL, GRAINS, period_start
from metriccare.settings import read_text
from metriccare.tables.strata import OVERALL, WHOLE
from metriccare.typed_tables import read_table, wanted

# A ratio to less than one event says more about chance than about care; see the specification.
LEAST_PREDICTED = 1.0
PREDICTED_MEASURES = tuple(m.id for m in MEASURES if m.shape == RATE)
_HEADER = ("name", "version", "date", "source", "predictions")

MeasureId = Annotated[
    str, wanted(f"one of {', '.join(PREDICTED_MEASURES)}", holds=PREDICTED_MEASURES.__contains__)
]
Events = Annotated[float, wanted("a number of events, 0 or more", ge=0)]
TenantName = Annotated[str, wanted("the name of a tenant")]
Text = Annotated[str | int | float, wanted("text")]


@dataclass(frozen=True)
class Prediction:
    """One entry of the file."""

    measure_id: MeasureId
    predicted: Events
    tenant: TenantName | None = None
    grain: Text = ALL
    period_start: Text | None = None
    stratum_type: Text = OVERALL
    stratum_value: Text = WHOLE


@dataclass(frozen=True)
class Predictions:
    """Predicted events by tenant (None: any) and key; `version` is the file's."""

    version: str = ""
    events: Mapping[tuple[str | None, ResultKey], float] = field(default_factory=dict)

    def of(self, tenant: str, key: ResultKey) -> float | None:
        """Return the predicted events of a result, the tenant's own before anyone's."""
        own = self.events.get((tenant, key))
        return self.events.get((None, key)) if own is None else own


def ratio(observed: int, predicted: float | None) -> float | None:
    """Return observed / predicted; None where fewer than one event is predicted, or none given."""
    if predicted is None or predicted < LEAST_PREDICTED:
        return None
    return observed / predicted


def load_predictions(path: Path) -> Predictions:
    """Read a file of predictions; UsageError says which entry is wrong and what was wanted."""
    try:
        document = json.loads(read_text(path))
    except ValueError as error:
        raise UsageError(f"{path} is not a readable JSON file of predictions.") from error
    missing = [key for key in _HEADER if not document.get(key)]
    if missing:
        raise UsageError(f"{path} is missing {', '.join(missing)}.")
    events: dict[tuple[str | None, ResultKey], float] = {}
    for number, entry in enumerate(document["predictions"], 1):
        where = f"{path}, prediction {number}"
        prediction = read_table(entry, Prediction, where)
        key = prediction.tenant, _result_key(prediction, where)
        if key in events:
            raise UsageError(f"{where}: the same group was predicted before.")
        events[key] = prediction.predicted
    return Predictions(str(document["version"]), events)


def _result_key(prediction: Prediction, where: str) -> ResultKey:
    grain, start = _period(prediction, where)
    stratum = str(prediction.stratum_type), str(prediction.stratum_value)
    return ResultKey(prediction.measure_id, grain, start, *stratum)


def _period(prediction: Prediction, where: str) -> tuple[str, date | None]:
    grain, start = str(prediction.grain), prediction.period_start
    if grain == ALL and start is None:
        return ALL, None
    try:
        day = date.fromisoformat(str(start))
    except ValueError:
        day = None
    if grain not in GRAINS[1:] or day is None or day != period_start(grain, day):
        raise UsageError(
            f"{where}: grain wants all, or year, quarter or month with the period_start it begins"
            " with."
        )
    return grain, day
