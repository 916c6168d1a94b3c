"""A request of the gateway in, its answer out."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from metriccare.wiring.serving_published import PublishedFunction


@cache
def _function() -> PublishedFunction:
    """Return the function of this instance, made with its first request."""
    return PublishedFunction(os.environ)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Answer a request for published results."""
    return _function().answer(event, context)
