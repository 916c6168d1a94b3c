"""The schedule's call: the regular look at the pipeline."""

from __future__ import annotations

import os
from typing import Any

from metriccare.aws.environment import deployment
from metriccare.wiring import lambda_functions


def handler(event: dict[str, Any], _context: object) -> None:
    """Report what events missed, show the lag, start what is due; or only show the heartbeat.

    Terraform calls it once with `only_heartbeat`, so that the alarm for a missing heartbeat begins
    quiet.
    """
    deployed, now = deployment(os.environ), lambda_functions.now()
    if event.get("only_heartbeat"):
        lambda_functions.show_heartbeat(deployed, now)
    else:
        lambda_functions.sweep_pipeline(deployed, now)
