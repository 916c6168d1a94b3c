"""The schedule's call: close the month that is over."""

from __future__ import annotations

import os
from typing import Any

from metriccare.aws.environment import deployment
from metriccare.wiring import lambda_functions


def handler(_event: dict[str, Any], _context: object) -> None:
    """Start the upkeep job that closes last month for every tenant where it is still open."""
    lambda_functions.close_last_month(deployment(os.environ), lambda_functions.now())
