"""Terraform's call when a bundle is deployed: keep a copy for the runs that use it."""

from __future__ import annotations

from typing import Any

from metriccare.wiring import lambda_functions


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """Copy the bundle and return the key of the copy."""
    return {"key": lambda_functions.keep_bundle(event["bucket"], event["key"])}
