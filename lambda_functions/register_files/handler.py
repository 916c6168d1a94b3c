"""Queue messages of uploads in, failed messages out."""

from __future__ import annotations

import os
from typing import Any

from metriccare.aws.environment import deployment
from metriccare.wiring import lambda_functions


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Register the uploads; name the messages that failed, so that only they come again."""
    deployed = deployment(os.environ)
    failed = lambda_functions.register_files(deployed, event["Records"], lambda_functions.now())
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
