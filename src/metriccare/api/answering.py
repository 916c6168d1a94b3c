"""The one way from a request to an answer: admit, check, look in the cache, compute, encode."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs

import orjson
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse

from metriccare import __version__
from metriccare.api.body_cache import cache_key
from metriccare.api.encoding import Body, encoded
from metriccare.api.endpoint import Call, Endpoint, Open, Reply
from metriccare.api.exchange import Exchange, exchange_of
from metriccare.api.gate import Demand
from metriccare.api.parameters import parse
from metriccare.api.problems import FieldError, Problem
from metriccare.api.services import Services
from metriccare.api.written_filters import canonical

Answer = Callable[[Request], Awaitable[Response]]
_NOT_AUDITED = (Open.EVERYBODY, Open.LOOPBACK)
_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "via")
_LOOPBACK = {"127.0.0.1", "::1"}
_VARY = "Cookie, Authorization, Accept-Encoding, Accept, MetricCare-Tenant"


def answer_of(endpoint: Endpoint, services: Services) -> Answer:
    """Return the function that answers an endpoint's requests."""

    async def answer(request: Request) -> Response:
        exchange = exchange_of(request.scope)
        exchange.route, exchange.action = endpoint.path, endpoint.action
        exchange.must_audit = endpoint.right not in _NOT_AUDITED
        return await _Answering(endpoint, services, request, exchange).response()

    answer.__name__ = endpoint.name
    return answer


@dataclass(frozen=True)
class _Answering:
    endpoint: Endpoint
    services: Services
    request: Request
    exchange: Exchange

    async def response(self) -> Response:
        call = await self._call()
        if self.endpoint.sends_file:
            return self._file(await self._computed(call))
        if self.endpoint.stream is not None:
            return self._streamed(call, self.endpoint.stream)
        if not self.endpoint.is_cached:
            reply = await self._computed(call)
            return self._send(reply, encoded(reply.content, reply.media_type, reply.facts), {})
        return await self._of_publication(call)

    def _file(self, reply: Reply) -> Response:
        """Return a file without holding it in memory; a reply may name another address of it."""
        if not isinstance(reply.content, Path):
            return self._send(reply, encoded(reply.content, reply.media_type, reply.facts), {})
        self._note(Body(b"", None, reply.media_type, reply.facts))
        headers = {"cache-control": "no-store", **dict(reply.headers)}
        return FileResponse(str(reply.content), headers=headers, media_type=reply.media_type)

    def _streamed(self, call: Call, stream: Callable[[Call], AsyncIterator[bytes]]) -> Response:
        """Return a stream, unless the caller has too many open already."""
        if self.services.streams is None:
            raise Problem(
                "unavailable",
                "No connection stays open here: read /v1/events.",
                status=501,
                more={"events": "/v1/events"},
            )
        open_streams = self.services.streams.opened(call.known.person.subject, stream(call))
        headers = {"cache-control": "no-store"}
        return StreamingResponse(open_streams, 200, headers, "text/event-stream")

    async def _call(self) -> Call:
        endpoint = self.endpoint
        caller = None
        with self.exchange.timed("auth"):
            if not self._is_open():
                demand = Demand(
                    endpoint.needed_right,
                    endpoint.limit,
                    endpoint.needs_purpose,
                    not endpoint.is_poll,
                )
                caller = await self.services.gate.admit(self.request, demand, self.exchange)
        query = self.request.query_params.multi_items()
        values = parse(endpoint.parameters, query, self.request.path_params)
        self.exchange.statement = canonical(values)
        body = await _body(endpoint, self.request)
        return Call(self.services, self.request, self.exchange, values, body, caller)

    def _is_open(self) -> bool:
        """Return True if the caller need not sign in."""
        right = self.endpoint.right
        # Behind a proxy on this machine everybody has its address.
        is_direct = not any(name in self.request.headers for name in _PROXY_HEADERS)
        is_near = self.exchange.address in _LOOPBACK and is_direct
        return right is Open.EVERYBODY or (right is Open.LOOPBACK and is_near)

    async def _of_publication(self, call: Call) -> Response:
        """Answer from the cache where the same was asked of the same publication before."""
        publication = await self._publication(call)
        self.exchange.publication = publication
        key = self._key(call, publication)
        headers = {
            "etag": f'W/"{key[:32]}"',
            "cache-control": "private, no-cache",
            "vary": _VARY,
            "metriccare-publication": publication,
        }
        body = self.services.cache.get(key)
        if _matches(self.request.headers.get("if-none-match"), headers["etag"]):
            self._note(body)
            return Response(status_code=304, headers=headers)
        if body is not None:
            self.services.metrics.cache_hits.inc()
            return self._send(Reply(), body, headers)
        self.services.metrics.cache_misses.inc()
        reply = await self._computed(call)
        with self.exchange.timed("encode"):
            body = encoded(reply.content, reply.media_type, reply.facts)
        self.services.cache.put(key, body)
        return self._send(reply, body, headers)

    async def _publication(self, call: Call) -> str:
        """Return the id of the publication that is asked; its first reader waits for its files."""
        try:
            found = await run_in_threadpool(
                self.services.published.publication,
                call.scope,
                call.values.get("publication"),
                self.endpoint.pointer,
            )
        except Exception as error:
            raise self.services.problem_of(error, self.exchange) from error
        return found.id

    def _key(self, call: Call, publication: str) -> str:
        """Return everything the answer depends on, as a key."""
        scope, values = call.scope, sorted(call.values.items())
        rights = sorted(scope.rights)
        seen = (scope.facilities, scope.provider, scope.small_counts)
        accept = "text/csv" in self.request.headers.get("accept", "")
        return cache_key(
            (publication, __version__, scope.tenant, scope.role, rights, seen,
             self.endpoint.path, self.request.url.path, accept, values)
        )  # fmt: skip

    async def _computed(self, call: Call) -> Reply:
        with self.exchange.timed("query"):
            try:
                return await run_in_threadpool(self.endpoint.handler, call)
            except Problem:
                raise
            except Exception as error:
                raise self.services.problem_of(error, self.exchange) from error

    def _send(self, reply: Reply, body: Body, headers: dict[str, str]) -> Response:
        self._note(body)
        is_small = body.compressed is not None and _takes_gzip(self.request)
        content = body.compressed if is_small and body.compressed else body.plain
        self._check_size(content)
        found = {"content-type": body.media_type, "cache-control": "no-store", **headers}
        if is_small:
            found["content-encoding"] = "gzip"
        response = Response(content, reply.status, found)
        for name, value in reply.headers:
            response.headers.append(name, value)
        return response

    def _check_size(self, content: bytes) -> None:
        """Refuse an answer that is larger than what carries it takes."""
        most = self.services.most_bytes
        if most is not None and len(content) > most:
            raise Problem(
                "too-large",
                f"The answer has {len(content):,} bytes of at most {most:,}. Ask for fewer rows, or"
                " for an export: POST /v1/exports.",
                more={"exports": "/v1/exports"},
            )

    def _note(self, body: Body | None) -> None:
        """Put what the answer shows into the exchange, for the audit row."""
        if body is None:
            return
        facts, exchange = body.facts, self.exchange
        exchange.row_count, exchange.hidden = facts.row_count, facts.hidden
        exchange.columns, exchange.patient_hash = facts.columns, facts.patient_hash


async def _body(endpoint: Endpoint, request: Request) -> object:
    """Return the checked body, the one field of a form, or None."""
    if endpoint.form_field is not None:
        found = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=20)
        return found.get(endpoint.form_field, [""])[0]
    return await _json(endpoint.body, request) if endpoint.body else None


async def _json(model: type[BaseModel], request: Request) -> BaseModel:
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise Problem("invalid-parameter", "The body must be application/json.", status=415)
    content = await request.body()
    try:
        orjson.loads(content)
        return model.model_validate_json(content)
    except orjson.JSONDecodeError as error:
        raise Problem("invalid-parameter", "The body is no JSON.") from error
    except ValidationError as error:
        raise Problem("invalid-parameter", errors=_errors(error)) from error


def _errors(error: ValidationError) -> list[FieldError]:
    return [
        FieldError("body", ".".join(str(part) for part in found["loc"]), str(found["msg"]))
        for found in error.errors(include_url=False, include_input=False)[:20]
    ]


def _matches(sent: str | None, etag: str) -> bool:
    """Return True if the caller's copy is the current answer (weak comparison)."""
    if not sent:
        return False
    tags = {tag.strip().removeprefix("W/") for tag in sent.split(",")}
    return etag.removeprefix("W/") in tags


def _takes_gzip(request: Request) -> bool:
    return "gzip" in request.headers.get("accept-encoding", "")
