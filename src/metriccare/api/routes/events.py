"""What happened: new publications and finished exports, as a list and as a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool

from metriccare.access.rights import MARTS_READ
from metriccare.api.encoding import instant, to_json
from metriccare.api.endpoint import Call, Endpoint, Reply
from metriccare.api.parameters import INTEGER, Parameter
from metriccare.query.published.refusals import NotPublished

Event = dict[str, Any]
_MOST = 2**53 - 1
# A new publication is seen within 10 seconds; a comment every 15 keeps proxies from closing.
# A token may have expired after an hour: the caller begins a new stream with a new one.
_LONGEST_SECONDS = 3600.0
_LOOK_SECONDS, _COMMENT_SECONDS = 3.0, 15.0
_AFTER = Parameter("after", "Only events after this id.", INTEGER, default=0, most=999_999_999)


def events(call: Call) -> Reply:
    """Return the events after an id: the newest publication, and the caller's ready exports."""
    return Reply({"data": _events(call, call.values["after"])})


def _events(call: Call, after: int) -> list[Event]:
    """Return the events that are newer; a publication's id is its place in the tenant's order."""
    try:
        found = call.services.published.publication(call.scope)
    except NotPublished:
        return []
    pointer = found.pointer
    published = {
        "id": pointer.sequence,
        "event": "publication",
        "publication": found.id,
        "run_id": pointer.run_id,
        "published_at": instant(pointer.published_at),
    }
    return [published] if pointer.sequence > after else []


async def stream(call: Call) -> AsyncIterator[bytes]:
    """Yield events as they happen, until the caller goes or is signed out."""
    sent = call.request.headers.get("last-event-id", "")
    after = int(sent) if sent.isdigit() and len(sent) < 10 else call.values["after"]
    ready: set[str] = set()
    quiet = 0.0
    yield b"retry: 5000\n\n"
    while _is_signed_in(call) and call.exchange.seconds < _LONGEST_SECONDS:
        found = await run_in_threadpool(_events, call, after)
        for event in found:
            after = event["id"]
            yield b"id: %d\nevent: publication\ndata: %s\n\n" % (after, to_json(event))
        for export in await run_in_threadpool(_new_exports, call, ready):
            yield b"event: export\ndata: %s\n\n" % to_json(export)
        quiet = 0.0 if found else quiet + _LOOK_SECONDS
        if quiet >= _COMMENT_SECONDS:
            quiet = 0.0
            yield b": still here\n\n"
        await asyncio.sleep(_LOOK_SECONDS)


def _is_signed_in(call: Call) -> bool:
    """Return False once the session has ended; a stream is no use of it."""
    session = call.known.session
    return session is None or call.services.sign_in.keeper.living(session.key) is not None


def _new_exports(call: Call, known: set[str]) -> list[Event]:
    found = call.services.exports.of(call.known.person.subject, call.scope.tenant)
    fresh = [e.described() for e in found if e.state == "ready" and e.id not in known]
    known |= {event["id"] for event in fresh}
    return fresh


ENDPOINTS = (
    Endpoint(
        "/v1/events",
        events,
        MARTS_READ,
        "What happened after an event",
        parameters=(_AFTER,),
        is_poll=True,
    ),
    Endpoint(
        "/v1/events/stream",
        events,
        MARTS_READ,
        "What happens, as server-sent events",
        parameters=(_AFTER,),
        media_types=("text/event-stream",),
        stream=stream,
        is_poll=True,
    ),
)
