"""What is known of one request while it is answered: for the audit, the log and the timings."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from metriccare.access.audit import AuditEntry


@dataclass
class Exchange:
    """One request and its answer.

    `must_audit` is False for pages and health checks; refusals are audited anyway.
    `is_repeated` marks refusals of a flood, of which only the first is audited.
    """

    request_id: str
    at: str
    method: str
    address: str
    route: str = "(no route)"
    action: str = "api"
    principal: str = "unknown"
    role: str = "none"
    tenant: str | None = None
    session: str | None = None
    client: str | None = None
    object: str = ""
    columns: tuple[str, ...] = ()
    row_count: int | None = None
    hidden: int | None = None
    publication: str | None = None
    purpose: str | None = None
    statement: str = ""
    patient_hash: tuple[str, ...] = ()
    reason: str | None = None
    must_audit: bool = False
    is_repeated: bool = False
    traceparent: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    timings: dict[str, float] = field(default_factory=dict)
    # Never the request's id, which a caller may choose: rows of one id would replace each other.
    event_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    started: float = field(default_factory=time.perf_counter)

    @contextmanager
    def timed(self, part: str) -> Iterator[None]:
        """Add the time of the block to a part: auth, query or encode."""
        began = time.perf_counter()
        try:
            yield
        finally:
            spent = time.perf_counter() - began
            self.timings[part] = self.timings.get(part, 0.0) + spent

    @property
    def seconds(self) -> float:
        """Return the time since the request came."""
        return time.perf_counter() - self.started

    def server_timing(self) -> str:
        """Return the value of `Server-Timing`, in milliseconds."""
        return ", ".join(
            f"{part};dur={self.timings.get(part, 0.0) * 1000:.1f}"
            for part in ("auth", "query", "encode")
        )

    def log_line(self, status: int) -> str:
        """Return the request as one JSON object for the log."""
        found = {
            "at": self.at,
            "request_id": self.request_id,
            "method": self.method,
            "route": self.route,
            "status": status,
            "reason": self.reason,
            "role": self.role,
            "tenant": self.tenant,
            "ms": round(self.seconds * 1000, 1),
            "traceparent": self.traceparent,
        }
        return json.dumps({name: value for name, value in found.items() if value is not None})

    def entry(self, status: int, size: int | None) -> AuditEntry:
        """Return the audit row of this exchange."""
        return AuditEntry(
            event_id=self.event_id,
            at=self.at,
            principal=self.principal,
            session=self.session,
            role=self.role,
            tenant=self.tenant,
            action=self.action,
            object=self.object or self.route,
            columns=self.columns,
            row_count=self.row_count,
            bytes=size,
            patient_hash=self.patient_hash,
            statement=self.statement,
            outcome=_outcome(status),
            purpose=self.purpose,
            publication=self.publication,
            hidden_returned=self.hidden,
            client=self.client,
            ms=round(self.seconds * 1000, 1),
            reason=self.reason,
            request_id=self.request_id,
            source="api",
            status=status,
        )


def _outcome(status: int) -> str:
    if status < 400:
        return "ok"
    return "refused" if status < 500 else "failed"


def exchange_of(scope: Mapping[str, Any]) -> Exchange:
    """Return the exchange that the frame put into a request's ASGI scope."""
    found: Exchange = scope["state"]["exchange"]
    return found
