"""A call in, a small run made, what came of it out."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from metriccare.wiring import small_run


def handler(_event: dict[str, Any], context: Any) -> Mapping[str, str | None]:
    """Take what waits through to the published results."""
    call = small_run.call_under_way(context)
    small = small_run.small_run_of(os.environ, call)
    return small_run.run_small(small).as_json()
