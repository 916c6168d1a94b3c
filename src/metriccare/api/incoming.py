"""What comes in: the exchange of a request, its id, and the limits of its size."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from metriccare.api.exchange import Exchange
from metriccare.api.problems import Problem

MOST_BODY_BYTES, MOST_ADDRESS_BYTES = 65_536, 8_192
_TRACEPARENT = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

Receive = Callable[[], Any]


def exchange_for(scope: Mapping[str, Any], headers: Mapping[str, bytes]) -> Exchange:
    """Return the exchange of a request that has just come."""
    client = scope.get("client") or ("unknown", 0)
    trace = headers.get("traceparent", b"").decode("latin-1")
    return Exchange(
        request_id=_request_id(headers.get("x-request-id", b"").decode("latin-1")),
        at=datetime.now(UTC).isoformat(timespec="microseconds"),
        method=scope["method"],
        address=client[0],
        traceparent=trace if _TRACEPARENT.fullmatch(trace) else None,
    )


def _request_id(sent: str) -> str:
    """Return the id that was sent if it is a UUID, else a new one."""
    try:
        return str(uuid.UUID(sent))
    except ValueError:
        return str(uuid.uuid4())


def check_size(scope: Mapping[str, Any], headers: Mapping[str, bytes]) -> None:
    """Refuse an address or a body that is too large, by its declared length."""
    address = len(scope.get("raw_path") or b"") + len(scope.get("query_string") or b"")
    length = headers.get("content-length", b"0")
    if address > MOST_ADDRESS_BYTES:
        raise Problem("too-large", "The address is longer than 8 kB.", status=414)
    if not length.isdigit() or int(length) > MOST_BODY_BYTES:
        raise Problem("too-large", "The body is larger than 64 kB.")


def limited(receive: Receive) -> Receive:
    """Return `receive` that refuses a body of unknown length as soon as it is too large."""
    total = 0

    async def receive_limited() -> Any:
        nonlocal total
        message = await receive()
        total += len(message.get("body", b""))
        if total > MOST_BODY_BYTES:
            raise Problem("too-large", "The body is larger than 64 kB.")
        return message

    return receive_limited
