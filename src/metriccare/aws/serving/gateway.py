"""Requests of API Gateway (format 2.0), for an app that readers know by another name.

Readers ask CloudFront's host; it asks the gateway by the gateway's own name, and both add who asked
to `X-Forwarded-For`.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

Event = Mapping[str, Any]


def as_asked(event: Event, public_host: str) -> dict[str, Any]:
    """Return the request as CloudFront got it: the reader's address, the host they named."""
    context: Mapping[str, Any] = event["requestContext"]
    http = {**context["http"], "sourceIp": _address(event)}
    headers = {**event.get("headers", {}), "host": public_host}
    return {**event, "headers": headers, "requestContext": {**context, "http": http}}


def _address(event: Event) -> str:
    """Return who asked CloudFront: the address it added, before that of CloudFront itself.

    Who asks the gateway without CloudFront chooses what stands there. It is counted and noted, and
    opens nothing (docs/security.md).
    """
    forwarded = [part.strip() for part in event["headers"].get("x-forwarded-for", "").split(",")]
    asked = forwarded[-2] if len(forwarded) > 1 else event["requestContext"]["http"]["sourceIp"]
    try:
        found = ipaddress.ip_address(asked)
    except ValueError:
        return "unknown"
    return "unknown" if found.is_loopback else str(found)
