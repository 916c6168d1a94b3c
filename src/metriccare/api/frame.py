"""What holds for every answer: request id, limits of size, host check, headers, audit, metrics.

It is the outermost layer. The audit row is written before the first byte leaves; if that fails,
the answer is replaced: no audit, no data.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from metriccare.access.audit import AuditFailed, AuditLog
from metriccare.api import limits, problems
from metriccare.api.exchange import Exchange
from metriccare.api.incoming import Receive, check_size, exchange_for, limited
from metriccare.api.limits import Limiter
from metriccare.api.metrics import Metrics
from metriccare.api.problems import Problem, invalid

# One line for each request, shown by `serve --verbose`: no query, no token, no cookie.
_requests = logging.getLogger("metriccare.requests")
_FEATURES = (
    "accelerometer",
    "camera",
    "display-capture",
    "geolocation",
    "gyroscope",
    "magnetometer",
    "microphone",
    "midi",
    "payment",
    "usb",
)

Send = Callable[[MutableMapping[str, Any]], Any]
App = Callable[[MutableMapping[str, Any], Receive, Send], Any]


def security_headers(issuer: str, is_tls: bool) -> dict[str, str]:
    """Return the headers of every answer; `issuer` is where a sign-in form may lead."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:;"
        " font-src 'self'; connect-src 'self'; manifest-src 'self';"
        f" form-action 'self' {issuer}; base-uri 'none'; frame-ancestors 'none';"
        " require-trusted-types-for 'script'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Permissions-Policy": ", ".join(f"{name}=()" for name in _FEATURES),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
    }
    # Two years, as browsers' preload lists ask.
    return {**headers, "Strict-Transport-Security": "max-age=63072000"} if is_tls else headers


@dataclass(frozen=True)
class FrameSettings:
    """What the frame needs: the hosts that may be named, headers, audit, limits and metrics."""

    hosts: frozenset[str]
    headers: Mapping[str, str]
    allowed_origins: frozenset[str]
    audit: AuditLog
    limiter: Limiter
    metrics: Metrics


class Frame:
    """Wraps the app: each HTTP request gets an exchange, each answer its headers and audit row."""

    def __init__(self, app: App, settings: FrameSettings) -> None:
        self._app, self._settings = app, settings

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value for name, value in scope["headers"]}
        exchange = exchange_for(scope, headers)
        scope.setdefault("state", {})["exchange"] = exchange
        sender = _Sender(self._settings, exchange, headers, scope["method"], send)
        try:
            check_size(scope, headers)
            self._check_host(headers)
            if scope["method"] == "HEAD":
                scope = {**scope, "method": "GET"}
            await self._app(scope, limited(receive), sender)
        except Problem as problem:
            await sender.problem(problem)

    def _check_host(self, headers: Mapping[str, bytes]) -> None:
        """Refuse a host that is not ours: a page elsewhere may point its own name at us."""
        if headers.get("host", b"").decode("latin-1").lower() not in self._settings.hosts:
            problem = invalid("header", "Host", "This server does not answer to that name.")
            problem.status, problem.reason = 421, "host"
            raise problem


class _Sender:
    """Sends an answer's messages on, with headers, after the audit row is written."""

    def __init__(
        self,
        settings: FrameSettings,
        exchange: Exchange,
        request: Mapping[str, bytes],
        method: str,
        send: Send,
    ) -> None:
        self._settings, self._exchange, self._send = settings, exchange, send
        self._request, self._has_body = request, method != "HEAD"
        self._is_replaced = self._has_started = False

    async def __call__(self, message: MutableMapping[str, Any]) -> None:
        """Send one message of the app on."""
        if self._is_replaced:
            return
        if message["type"] == "http.response.start":
            await self._start(message)
        elif self._has_body:
            await self._send(message)
        elif not message.get("more_body"):
            await self._send({"type": "http.response.body", "body": b""})

    async def problem(self, problem: Problem) -> None:
        """Send a problem, if nothing was sent yet."""
        if self._has_started:
            return
        self._exchange.reason = self._exchange.reason or problem.reason
        body = problem.body(self._exchange.request_id)
        headers = {"content-type": problems.MEDIA_TYPE, "content-length": str(len(body))}
        await self(
            {
                "type": "http.response.start",
                "status": problem.status,
                "headers": _encoded({**headers, "cache-control": "no-store", **problem.headers}),
            }
        )
        await self({"type": "http.response.body", "body": body})

    async def _start(self, message: Mapping[str, Any]) -> None:
        status, exchange = message["status"], self._exchange
        own = {name.decode("latin-1").lower(): value for name, value in message["headers"]}
        length = own.get("content-length")
        try:
            self._audit(status, int(length) if length else None)
        except AuditFailed:
            self._settings.metrics.audit_failures.inc()
            if status < 400:
                await self._replace()
                return
        self._has_started = True
        self._settings.metrics.observe(exchange, status)
        _requests.info(exchange.log_line(status))
        added = self._added(status)
        kept = [(n, v) for n, v in message["headers"] if n.decode("latin-1").lower() not in added]
        await self._send({**message, "headers": [*kept, *_encoded(added)]})

    def _added(self, status: int) -> dict[str, str]:
        exchange = self._exchange
        headers = {
            **{name.lower(): value for name, value in self._settings.headers.items()},
            "x-request-id": exchange.request_id,
            "server-timing": exchange.server_timing(),
            **{name.lower(): value for name, value in exchange.headers.items()},
        }
        origin = self._request.get("origin", b"").decode("latin-1")
        if origin in self._settings.allowed_origins and "authorization" in self._request:
            headers |= {"access-control-allow-origin": origin, "vary": "Origin, Accept-Encoding"}
            headers["cross-origin-resource-policy"] = "cross-origin"
        return headers

    def _audit(self, status: int, size: int | None) -> None:
        exchange = self._exchange
        if exchange.is_repeated or not (exchange.must_audit or status >= 400):
            return
        if exchange.principal == "unknown" and status >= 400:
            verdict = self._settings.limiter.take(limits.READS, f"refused {exchange.address}")
            if not verdict.is_allowed and not verdict.is_first_refusal:
                return
        self._settings.audit.write(exchange.entry(status, size))

    async def _replace(self) -> None:
        """Send 503 in place of an answer that could not be audited."""
        problem = Problem(
            "unavailable",
            "This read could not be recorded in the audit, so nothing is shown. The disk may be"
            " full; ask who runs this server.",
        )
        body = problem.body(self._exchange.request_id)
        headers = {
            **self._added(503),
            "content-type": problems.MEDIA_TYPE,
            "content-length": str(len(body)),
            "cache-control": "no-store",
        }
        self._exchange.reason = "audit"
        self._settings.metrics.observe(self._exchange, 503)
        self._has_started = True
        await self._send(
            {"type": "http.response.start", "status": 503, "headers": _encoded(headers)}
        )
        await self._send({"type": "http.response.body", "body": body})
        self._is_replaced = True


def _encoded(headers: Mapping[str, str]) -> Iterable[tuple[bytes, bytes]]:
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
