"""What an endpoint declares, and what its handler gets and returns."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel
from starlette.requests import Request

from metriccare.access.rights import OPS_READ
from metriccare.access.scope import Scope
from metriccare.api.encoding import Facts
from metriccare.api.exchange import Exchange
from metriccare.api.gate import Caller
from metriccare.api.limits import READS, Limit
from metriccare.api.parameters import Parameter
from metriccare.api.problems import Problem
from metriccare.query.published.publication import FIGURES

if TYPE_CHECKING:
    from metriccare.api.services import Services


class Open(Enum):
    """Who may call an endpoint that needs no right of a role."""

    # Anybody, without sign-in.
    EVERYBODY = "everybody"
    # Programs on this machine; from elsewhere the right ops:read is needed.
    LOOPBACK = "this machine"
    # Every person who signed in; the handler narrows what they see.
    SIGNED_IN = "signed in"


class Source(Enum):
    """What an endpoint reads: on AWS each function serves those of what its role may read."""

    # Published marts, sessions, views and exports; also what reads nothing.
    PUBLISHED = "published"
    EVIDENCE = "evidence"
    # Runs and files, in tracking.
    OPERATIONS = "operations"
    AUDIT = "audit"
    # Counters of a process that lives for long.
    PROCESS = "process"


@dataclass(frozen=True)
class Call:
    """One admitted request; `caller` is None at an endpoint for everybody."""

    services: Services
    request: Request
    exchange: Exchange
    values: Mapping[str, Any]
    body: Any = None
    caller: Caller | None = None

    @property
    def known(self) -> Caller:
        """Return the caller of an endpoint that needs a sign-in."""
        if self.caller is None:
            raise Problem("unauthenticated")
        return self.caller

    @property
    def scope(self) -> Scope:
        """Return the caller's scope; forbidden for a person without a tenant."""
        if self.known.scope is None:
            raise Problem("forbidden", "Your sign-in names no tenant.", reason="no_tenant")
        return self.known.scope


@dataclass(frozen=True)
class Reply:
    """An answer before it is encoded: bytes, or anything that is JSON."""

    content: object = None
    media_type: str = "application/json"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()
    facts: Facts = field(default_factory=Facts)


Handler = Callable[[Call], Reply]


@dataclass(frozen=True)
class Endpoint:
    """One address: who may call it, what it takes, and the function that answers.

    `is_cached` marks answers that depend only on the publication, the scope and the parameters:
    they get an ETag and stay in the cache; the publication is the one that `pointer` names, of
    figures or of operations. `schema` is the answer's JSON schema. `form_field` is
    the one field of a form that the handler gets as its body. `stream` answers in place of the
    handler, for as long as the caller listens. `is_poll` marks what a page asks by itself again
    and again, which is no use of a session. `sends_file` says that the content of the handler's
    reply may be the path of a file.
    """

    path: str
    handler: Handler
    right: str | Open
    summary: str
    method: str = "GET"
    parameters: tuple[Parameter, ...] = ()
    body: type[BaseModel] | None = None
    form_field: str | None = None
    schema: Mapping[str, Any] = field(default_factory=dict)
    media_types: tuple[str, ...] = ("application/json",)
    action: str = "api"
    limit: Limit = READS
    needs_purpose: bool = False
    is_cached: bool = False
    is_poll: bool = False
    sends_file: bool = False
    pointer: str = FIGURES
    stream: Callable[[Call], AsyncIterator[bytes]] | None = None
    status: int = 200
    source: Source = Source.PUBLISHED

    @property
    def needed_right(self) -> str | None:
        """Return the right of a role it needs; None if it needs none."""
        if self.right is Open.LOOPBACK:
            return OPS_READ
        return None if isinstance(self.right, Open) else self.right

    @property
    def name(self) -> str:
        """Return the operation's id: method and path as one word."""
        words = self.path.strip("/").translate(str.maketrans("/-.", "___", "{}"))
        return f"{self.method.lower()}_{words}"

    def described(self) -> dict[str, Any]:
        """Return what OpenAPI says of it beyond path, method and answer."""
        right = self.right.value if isinstance(self.right, Open) else self.right
        found: dict[str, Any] = {
            "parameters": [parameter.described() for parameter in self.parameters],
            "x-right": right,
        }
        if self.body is not None:
            schema = self.body.model_json_schema()
            found["requestBody"] = {
                "required": True,
                "content": {"application/json": {"schema": schema}},
            }
        if self.form_field is not None:
            form = {"type": "object", "properties": {self.form_field: {"type": "string"}}}
            found["requestBody"] = {
                "required": True,
                "content": {"application/x-www-form-urlencoded": {"schema": form}},
            }
        return found
