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
from typing import Any

from metriccare.errors import UsageError
from metriccare.measures import MEASURES
from metriccare.measures.definition import RATE
from metriccare.measures.results import ALL, GRAINS, ResultKey, period_start
from metriccare.settings import read_text
from metriccare.tables.strata import OVERALL, WHOLE

LEAST_PREDICTED = 1.0
_HEADER = ("name", "version", "date", "source")
_KEYS = {"measure_id", "predicted", "tenant", "grain", "period_start", "stratum_type"}
_KEYS |= {"stratum_value"}
PREDICTED_MEASURES = tuple(m.id for m in MEASURES if m.shape == RATE)


@dataclass(frozen=True)
class Predictions:
    """Predicted events by tenant (None: any) and key; `version` is the file's."""

    version: str = ""
    events: Mapping[tuple[str | None, ResultKey], float] = field(default_factory=dict)

    def of(self, tenant: str, key: ResultKey) -> float | None:
        """Return the predicted events of a result, the tenant's own before anyone's."""
        found = self.events.get((tenant, key))
        return self.events.get((None, key)) if found is None else found


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
    missing = [key for key in (*_HEADER, "predictions") if not document.get(key)]
    if missing:
        raise UsageError(f"{path} lacks {', '.join(missing)}.")
    events: dict[tuple[str | None, ResultKey], float] = {}
    for number, entry in enumerate(document["predictions"], 1):
        key, predicted = _entry(entry, f"{path}, prediction {number}")
        if key in events:
            raise UsageError(f"{path}, prediction {number}: the same group was predicted before.")
        events[key] = predicted
    return Predictions(str(document["version"]), events)


def _entry(entry: Mapping[str, Any], where: str) -> tuple[tuple[str | None, ResultKey], float]:
    unknown = sorted(set(entry) - _KEYS)
    if unknown:
        raise UsageError(f"{where}: unknown key {unknown[0]!r}; known: {', '.join(sorted(_KEYS))}.")
    if entry.get("measure_id") not in PREDICTED_MEASURES:
        raise UsageError(f"{where}: measure_id wants one of {', '.join(PREDICTED_MEASURES)}.")
    predicted = entry.get("predicted")
    if isinstance(predicted, bool) or not isinstance(predicted, int | float) or predicted < 0:
        raise UsageError(f"{where}: predicted wants a number of events, 0 or more.")
    kind = str(entry.get("stratum_type", OVERALL))
    key = ResultKey(
        str(entry["measure_id"]),
        *_period(entry, where),
        kind,
        str(entry.get("stratum_value", WHOLE)),
    )
    return (entry.get("tenant"), key), float(predicted)


def _period(entry: Mapping[str, Any], where: str) -> tuple[str, date | None]:
    grain, start = entry.get("grain", ALL), entry.get("period_start")
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
    return str(grain), day
