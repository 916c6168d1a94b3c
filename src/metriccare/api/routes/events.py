"""What happened: new publications, alerts and finished exports, as a list and as a stream."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import zip_longest
from typing import Any

from starlette.concurrency import run_in_threadpool

from metriccare.access.rights import MARTS_READ
from metriccare.api.encoding import instant, to_json
from metriccare.api.endpoint import Call, Endpoint, Reply
from metriccare.api.lists import records
from metriccare.api.named_datasets import named as named_dataset
from metriccare.api.parameters import INTEGER, Parameter
from metriccare.query.published.engine import MOST_ROWS
from metriccare.query.published.publication import OPERATIONS, PublicationRefused
from metriccare.query.published.refusals import NotPublished
from metriccare.query.published.statements import Page

Event = dict[str, Any]
# Ids are numbers that JavaScript can hold; one an hour makes 16 million in 1,900 years.
_OPERATIONS_IDS, _MOST_ID = 2**24, 2**53 - 1
# A caller who was away for longer reads /v1/alerts.
_MOST_EVENTS = 200
_ALERTS = named_dataset("alert_headlines")
# A new publication is seen within 10 seconds; a comment every 15 keeps proxies from closing.
# A token may have expired after an hour: the caller begins a new stream with a new one.
_LONGEST_SECONDS = 3600.0
_LOOK_SECONDS, _COMMENT_SECONDS = 3.0, 15.0
_AFTER = Parameter("after", "Only events after this id.", INTEGER, default=0, most=_MOST_ID)


def events(call: Call) -> Reply:
    """Return what happened after an id: alerts raised or closed, and the newest publication."""
    return Reply({"data": _events(call, call.values["after"])})


def _events(call: Call, after: int) -> list[Event]:
    """Return the newer events, in order.

    Figures and operations are numbered apart. The id of an event holds both numbers as they are
    after it, so that a caller who was away gets the rest of both. One run raises several alerts:
    only the last has the new number, because a caller cut off between two must get all of them.
    """
    figures, operations = divmod(after, _OPERATIONS_IDS)
    found: list[Event] = []
    alerts = _alerts(call, operations)
    for (at, event), following in zip_longest(alerts, alerts[1:]):
        if following is None or following[0] != at:
            operations = at
        found.append({"id": figures * _OPERATIONS_IDS + operations, **event})
    published = _published(call)
    if published is not None and published[0] > figures:
        sequence, event = published
        found.append({"id": sequence * _OPERATIONS_IDS + operations, **event})
    return found


def _published(call: Call) -> tuple[int, Event] | None:
    """Return the newest publication and its place in the tenant's order."""
    try:
        found = call.services.published.publication(call.scope)
    except NotPublished:
        return None
    pointer = found.pointer
    return pointer.sequence, {
        "event": "publication",
        "publication": found.id,
        "run_id": pointer.run_id,
        "published_at": instant(pointer.published_at),
    }


def _alerts(call: Call, after: int) -> list[tuple[int, Event]]:
    """Return the alerts raised or closed after a publication of operations, in order."""
    page = Page((), MOST_ROWS)
    published = call.services.published
    try:
        # A stream looks every few seconds: mostly nothing has changed.
        if published.publication(call.scope, None, OPERATIONS).pointer.sequence <= after:
            return []
        answer = published.rows(call.scope, _ALERTS, (), page)
    except (NotPublished, PublicationRefused):
        return []
    newer = [
        (at, {"event": "alert", "change": change, **_shown(row, change)})
        for row in records(answer)
        for change in ("raised", "closed")
        if (at := row[f"{change}_sequence"]) is not None and at > after
    ]
    return sorted(newer, key=lambda each: (each[0], each[1]["alert_id"]))[-_MOST_EVENTS:]


def _shown(row: Event, change: str) -> Event:
    names = ("alert_id", "rule", "severity", "meaning", "page")
    return {**{name: row[name] for name in names}, "at": instant(row[f"{change}_at"])}


async def stream(call: Call) -> AsyncIterator[bytes]:
    """Yield events as they happen, until the caller goes or is signed out."""
    sent = call.request.headers.get("last-event-id", "")
    after = int(sent) if sent.isdecimal() and len(sent) < 17 else call.values["after"]
    ready: set[str] = set()
    quiet = 0.0
    yield b"retry: 5000\n\n"
    while _is_signed_in(call) and call.exchange.seconds < _LONGEST_SECONDS:
        found = await run_in_threadpool(_events, call, after)
        for event in found:
            after = event["id"]
            kind = str(event["event"]).encode()
            yield b"id: %d\nevent: %s\ndata: %s\n\n" % (after, kind, to_json(event))
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
    fresh = [e.described() for e in found if e.is_ready and e.id not in known]
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
