"""Queue messages of uploads in, failed messages out."""

from __future__ import annotations

import os
from typing import Any

from metriccare import bootstrap_lambda
from metriccare.aws.environment import deployment


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Register the uploads; name the messages that failed, so that only they come again."""
    deployed = deployment(os.environ)
    failed = bootstrap_lambda.register_files(deployed, event["Records"], bootstrap_lambda.now())
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}
