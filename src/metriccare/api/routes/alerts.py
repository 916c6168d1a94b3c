"""What needs a person: the alerts of a tenant, and who has seen them. The beacon of all tenants."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, field_validator

from metriccare.access.rights import OPS_READ
from metriccare.api.acknowledgements import Acknowledgement
from metriccare.api.encoding import Facts, instant
from metriccare.api.endpoint import Call, Endpoint, Open, Reply
from metriccare.api.lists import ListOf
from metriccare.api.named_datasets import named as named_dataset
from metriccare.api.parameters import Parameter
from metriccare.api.problems import Problem
from metriccare.api.reads import equal
from metriccare.api.schemas import INSTANT, TEXT, fields, many, named
from metriccare.query.published.publication import OPERATIONS

_ALERTS = named_dataset("alerts")
_LIST = ListOf("/v1/alerts", _ALERTS, "What needs a person, and who has seen it")
_ACKNOWLEDGEMENT = fields(by=TEXT, note=TEXT, at=INSTANT)
_ROW = {"allOf": [named(_ALERTS.name), fields(acknowledgements=many(_ACKNOWLEDGEMENT))]}


class Note(BaseModel):
    """What a person writes to an alert: what they did, or why it may stay."""

    model_config = ConfigDict(extra="forbid")

    note: str = Field(min_length=1, max_length=500)

    @field_validator("note")
    @classmethod
    def _is_printable(cls, note: str) -> str:
        if not note.strip() or not note.isprintable():
            raise ValueError("takes one line of printable characters")
        return note


def alerts(call: Call) -> Reply:
    """Return alerts with what people wrote to each."""
    call.exchange.publication = _publication(call)
    reply = _LIST.as_json(call)
    if not isinstance(reply.content, dict):
        return reply
    notes: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for each in call.services.acknowledgements.of(call.scope.tenant):
        notes[each.alert_id].append(each.described())
    rows = [{**row, "acknowledgements": notes[row["alert_id"]]} for row in reply.content["data"]]
    return replace(reply, content={**reply.content, "data": rows})


def acknowledge(call: Call) -> Reply:
    """Add a person's note to an alert of their tenant."""
    tenant, alert_id, asked = call.scope.tenant, call.values["id"], call.body
    found = call.services.published.rows(
        call.scope, _ALERTS, [equal("alert_id", alert_id)], publication=_publication(call)
    )
    if not found.rows:
        raise Problem("not-found")
    person = call.known.person
    made = Acknowledgement(
        tenant, alert_id, person.subject, person.name, asked.note, instant(call.services.clock())
    )
    call.services.acknowledgements.add(made)
    call.exchange.object = f"{_ALERTS.name} {call.exchange.route}"
    return Reply(made.described(), status=201, facts=Facts(1))


def beacon(call: Call) -> Reply:
    """Return what changes when something was published or an alert was raised or closed."""
    content = call.services.beacon()
    if content is None:
        raise Problem("not-published")
    return Reply(content)


def _publication(call: Call) -> str:
    return call.services.published.publication(call.scope, None, OPERATIONS).id


_JSON, *_FILES = _LIST.endpoints()
ENDPOINTS = (
    replace(
        _JSON,
        handler=alerts,
        is_cached=False,
        schema=fields(data=many(_ROW), meta=named("meta")),
    ),
    *_FILES,
    Endpoint(
        "/v1/alerts/{id}/acknowledge",
        acknowledge,
        OPS_READ,
        "Say that an alert was seen, with a note that stays",
        method="POST",
        parameters=(Parameter("id", "The alert.", is_in_path=True),),
        body=Note,
        action="review",
        schema=_ACKNOWLEDGEMENT,
        status=201,
    ),
    Endpoint(
        "/beacon.json",
        beacon,
        Open.EVERYBODY,
        "What changes when something was published; no tenant, no figure",
        schema=fields(run_id=TEXT, alerts=TEXT),
    ),
)
