"""Metrics as log lines in CloudWatch's embedded metric format.

They need no call and no right. CloudWatch takes 0.30 USD a month for each (docs/cost.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

NAMESPACE = "MetricCare"
# The format takes up to 100 values of a metric in a line.
MOST_VALUES = 100


def metric_line(
    values: Mapping[str, float | Sequence[float]], dimensions: Mapping[str, str], now: datetime
) -> str:
    """Return the log line that CloudWatch turns into metrics with these dimensions."""
    return json.dumps(
        {
            "_aws": {
                "Timestamp": int(now.timestamp() * 1000),
                "CloudWatchMetrics": [
                    {
                        "Namespace": NAMESPACE,
                        "Dimensions": [list(dimensions)],
                        "Metrics": [{"Name": name} for name in values],
                    }
                ],
            },
            **dimensions,
            **values,
        }
    )
