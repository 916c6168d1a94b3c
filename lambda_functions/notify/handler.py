"""The end of a job or of a small run in, an alert out."""

from __future__ import annotations

import os
from typing import Any

from metriccare.aws import small_run
from metriccare.aws.environment import deployment
from metriccare.wiring import lambda_functions


def handler(event: dict[str, Any], _context: object) -> None:
    """Report the end and start the next run when files wait."""
    is_small_run = small_run.is_of_call(event)
    report = (
        lambda_functions.notify_small_run_end if is_small_run else lambda_functions.notify_job_end
    )
    report(deployment(os.environ), event, lambda_functions.now())
