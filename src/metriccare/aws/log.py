"""Log lines of functions and jobs: JSON, counts and names of ours, never content of a record."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime

from metriccare.aws.metrics import metric_line
from metriccare.errors import MetricCareError


def log(what: str, **facts: object) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps({"what": what, **facts}) + "\n")


def emit(values: Mapping[str, float], dimensions: Mapping[str, str], now: datetime) -> None:
    """Write figures as metrics; nothing when there are none."""
    if values:
        sys.stdout.write(metric_line(values, dimensions, now) + "\n")


def safe(error: Exception) -> str:
    """Return what may be logged of an error: our own sentences, else only its kind."""
    return str(error) if isinstance(error, MetricCareError) else type(error).__name__
