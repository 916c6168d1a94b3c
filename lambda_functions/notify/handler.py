"""A Glue Job State Change in, an alert out."""

from __future__ import annotations

import os
from typing import Any

from metriccare import bootstrap_lambda
from metriccare.aws.environment import deployment


def handler(event: dict[str, Any], _context: object) -> None:
    """Report the job's end and start the next run when files wait."""
    bootstrap_lambda.notify_job_end(deployment(os.environ), event, bootstrap_lambda.now())
