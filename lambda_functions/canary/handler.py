"""The schedule's call: the day's small upload, and whether the last one was published."""

from __future__ import annotations

import os
from typing import Any

from metriccare.aws.environment import RAW_BUCKET, deployment
from metriccare.wiring import lambda_functions


def handler(_event: dict[str, Any], _context: object) -> None:
    """Send what is due and show how long ago an upload was sent that is published."""
    bucket = os.environ[RAW_BUCKET]
    lambda_functions.canary(deployment(os.environ), bucket, lambda_functions.now())
