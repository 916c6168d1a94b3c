"""A request of Terraform, read from the wire in whatever protocol its service has."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.twin.server.calls import body

_CREDENTIAL = re.compile(r"Credential=([^/]+)/\d+/([^/]*)/([^/]+)/aws4_request")
_ROLE = re.compile(r"<Role>([^<]*)</Role>")
# The name in a signature, where it is not the one IAM uses.
_IAM_PREFIXES = {"monitoring": "cloudwatch"}


@dataclass(frozen=True)
class Call:
    """What IAM is asked for a request: an action on a resource, with what conditions may read."""

    action: str
    resource: str = "*"
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Request:
    """A signed request: who, which service, and its parameters."""

    key: str
    region: str
    service: str
    method: str
    path: str
    query: Mapping[str, str]
    operation: str
    facts: Mapping[str, Any]
    headers: Mapping[str, str]


def read_request(environ: dict[str, Any]) -> Request | None:
    """Return the request, or None when it is not signed."""
    signature = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    if signature is None:
        return None
    service = _IAM_PREFIXES.get(signature[3], signature[3])
    query = parse_qs(environ.get("QUERY_STRING", ""), keep_blank_values=True)
    target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    facts = _s3_facts(environ, query) if service == "s3" else _facts(body(environ), target)
    return Request(
        key=signature[1],
        region=signature[2],
        service=service,
        method=environ["REQUEST_METHOD"],
        path=unquote(environ["PATH_INFO"]),
        query={name: values[0] for name, values in query.items()},
        operation=target or str(facts.get("Action", "")),
        facts=facts,
        headers={
            name.removeprefix("HTTP_").replace("_", "-").lower(): str(value)
            for name, value in environ.items()
            if name.startswith("HTTP_X_AMZ_")
        },
    )


def _s3_facts(environ: dict[str, Any], query: Mapping[str, Any]) -> dict[str, Any]:
    """Return the role that copies are made under; the body of an object is content."""
    named = "replication" in query and _ROLE.search(body(environ).decode())
    return {"Role": named[1]} if named else {}


def _facts(content: bytes, target: str) -> dict[str, Any]:
    """Return the parameters of a body: JSON, or a form of the Query protocol."""
    if target or content[:1] == b"{":
        return dict(json.loads(content or b"{}"))
    return {name: values[0] for name, values in parse_qs(content.decode()).items()}
