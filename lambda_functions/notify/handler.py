"""The end of a job or of a small run in, an alert out."""

from __future__ import annotations

import os
from typing import Any

from metriccare import bootstrap_lambda
from metriccare.aws import small_run
from metriccare.aws.environment import deployment


def handler(event: dict[str, Any], _context: object) -> None:
    """Report the end and start the next run when files wait."""
    is_small_run = small_run.is_of_call(event)
    report = (
        bootstrap_lambda.notify_small_run_end if is_small_run else bootstrap_lambda.notify_job_end
    )
    report(deployment(os.environ), event, bootstrap_lambda.now())
