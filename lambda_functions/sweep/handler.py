"""The schedule's call: the regular look at the pipeline."""

from __future__ import annotations

import os
from typing import Any

from metriccare.aws.environment import deployment
from metriccare.wiring import lambda_functions


def handler(_event: dict[str, Any], _context: object) -> None:
    """Report what events missed, show the lag, start what is due."""
    lambda_functions.sweep_pipeline(deployment(os.environ), lambda_functions.now())
