"""Saved views: list, save, change and remove. No view gives anybody a right."""

from __future__ import annotations

import secrets
from dataclasses import replace

from pydantic import BaseModel, ConfigDict, Field

from metriccare.access.rights import MARTS_READ
from metriccare.api.encoding import instant
from metriccare.api.endpoint import Call, Endpoint, Reply
from metriccare.api.parameters import Parameter
from metriccare.api.problems import Problem
from metriccare.api.saved_views import SavedView

_ID = Parameter("id", "The view.", is_in_path=True)
_PAGE = r"^/[A-Za-z0-9_./:-]*$"
_PUBLICATION = r"^[0-9a-f]{16}$"
# A person with more has lost sight of them.
_MOST_VIEWS = 200


class ViewRequest(BaseModel):
    """A view to save."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=100)
    page: str = Field(pattern=_PAGE, max_length=200)
    state: str = Field(default="", max_length=4000)
    publication: str | None = Field(default=None, pattern=_PUBLICATION)
    shared: bool = False


class ViewChange(BaseModel):
    """What to change of a view; what is left out stays."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(default=None, min_length=1, max_length=100)
    state: str | None = Field(default=None, max_length=4000)
    publication: str | None = Field(default=None, pattern=_PUBLICATION)
    shared: bool | None = None


def listed(call: Call) -> Reply:
    """Return the views the caller may open."""
    reader = call.known.person.subject
    found = call.services.views.of(call.scope.tenant, reader)
    return Reply({"data": [view.described(reader) for view in found]})


def one(call: Call) -> Reply:
    """Return one view."""
    return Reply(_visible(call).described(call.known.person.subject))


def save(call: Call) -> Reply:
    """Save a view."""
    asked: ViewRequest = call.body
    owner, tenant = call.known.person.subject, call.scope.tenant
    own = [view for view in call.services.views.of(tenant, owner) if view.owner == owner]
    if len(own) >= _MOST_VIEWS:
        raise Problem("conflict", f"You have {_MOST_VIEWS} views: remove one first.")
    view = SavedView(
        id=secrets.token_hex(6),
        tenant=tenant,
        owner=owner,
        name=asked.name,
        page=asked.page,
        state=asked.state,
        publication=asked.publication,
        is_shared=asked.shared,
        changed_at=instant(call.services.clock()),
    )
    call.services.views.put(view)
    where = (("location", f"/v1/views/{view.id}"),)
    return Reply(view.described(owner), status=201, headers=where)


def change(call: Call) -> Reply:
    """Change a view of one's own."""
    view, asked = _own(call), call.body
    given = asked.model_fields_set
    changed = replace(
        view,
        name=asked.name if "name" in given and asked.name else view.name,
        state=asked.state if "state" in given and asked.state is not None else view.state,
        publication=asked.publication if "publication" in given else view.publication,
        is_shared=bool(asked.shared) if "shared" in given else view.is_shared,
        changed_at=instant(call.services.clock()),
    )
    call.services.views.put(changed)
    return Reply(changed.described(call.known.person.subject))


def remove(call: Call) -> Reply:
    """Remove a view of one's own."""
    call.services.views.remove(_own(call))
    return Reply(b"", "text/plain", 204)


def _visible(call: Call) -> SavedView:
    found = call.services.views.get(call.scope.tenant, call.known.person.subject, call.values["id"])
    if found is None:
        raise Problem("not-found")
    return found


def _own(call: Call) -> SavedView:
    view = _visible(call)
    if view.owner != call.known.person.subject:
        raise Problem("forbidden", "The view is somebody else's: save one of your own.",
                      reason="owner")  # fmt: skip
    return view


_VIEWS, _VIEW = "/v1/views", "/v1/views/{id}"
ENDPOINTS = (
    Endpoint(_VIEWS, listed, MARTS_READ, "Views you may open"),
    Endpoint(_VIEWS, save, MARTS_READ, "Save a view", method="POST", body=ViewRequest, status=201),
    Endpoint(_VIEW, one, MARTS_READ, "A view", parameters=(_ID,)),
    Endpoint(
        _VIEW,
        change,
        MARTS_READ,
        "Change a view of your own",
        method="PATCH",
        parameters=(_ID,),
        body=ViewChange,
    ),
    Endpoint(
        _VIEW,
        remove,
        MARTS_READ,
        "Remove a view of your own",
        method="DELETE",
        parameters=(_ID,),
        status=204,
    ),
)
