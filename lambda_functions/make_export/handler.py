"""The key of an export in, its file in the results bucket."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

from metriccare.wiring.serving_published import ExportFunction


@cache
def _function() -> ExportFunction:
    """Return the function of this instance, made with its first call."""
    return ExportFunction(os.environ)


def handler(event: dict[str, Any], _context: object) -> None:
    """Make the export that a reader began."""
    _function().make(event)
