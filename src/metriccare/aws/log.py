"""Log lines of functions and jobs: JSON, counts and names of ours, never content of a record."""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from metriccare.aws.metrics import metric_line
from metriccare.causes import cause_of
from metriccare.errors import MetricCareError


def log(what: str, **facts: object) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps({"what": what, **facts}) + "\n")


def emit(
    values: Mapping[str, float | Sequence[float]], dimensions: Mapping[str, str], now: datetime
) -> None:
    """Write values as metrics; nothing is written if there are none."""
    if values:
        sys.stdout.write(metric_line(values, dimensions, now) + "\n")


class JobFailed(MetricCareError):
    """A job ended with an error that is not ours; its log says where, without the error's text."""


def sanitized(error: Exception) -> MetricCareError:
    """Return what a job may end with: our own error, or one that names the cause of a foreign one.

    Python and Spark quote values in their errors, and Glue shows a job's last error to everybody
    who may see the job. The places in the code are logged instead.
    """
    if isinstance(error, MetricCareError):
        return error
    cause = cause_of(error)
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    log("failed", error=type(error).__name__, cause=cause, places=places)
    return JobFailed(
        f"{cause} The job's output log says where (docs/runbook.md, run_failed). The files wait for"
        " the next run."
    )
