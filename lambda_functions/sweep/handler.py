"""The schedule's call: the regular look at the pipeline."""

from __future__ import annotations

import os
from typing import Any

from metriccare import bootstrap_lambda
from metriccare.aws.environment import deployment


def handler(_event: dict[str, Any], _context: object) -> None:
    """Report what events missed, show the lag, start what is due."""
    bootstrap_lambda.sweep_pipeline(deployment(os.environ), bootstrap_lambda.now())
