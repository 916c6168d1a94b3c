"""CloudFront, as far as Terraform manages it: what was put is given back as it was put.

moto has no headers policies, publishes no functions, and answers a distribution with other settings
than were sent. There is no data plane: nothing is cached or forwarded here.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from tests.twin.server.calls import body
from tests.twin.server.gaps import ACCOUNT

_PATH = re.compile(r"/2020-05-31/([a-z-]+)(?:/([^/]+))?(?:/([a-z]+))?")
_NAMESPACE = 'xmlns="http://cloudfront.amazonaws.com/doc/2020-05-31/"'
_NOW = "2024-01-02T03:04:05.000Z"
# Resource by its place in the address: the name of its element, and of its settings'.
_KINDS = {
    "cache-policy": ("CachePolicy", "CachePolicyConfig"),
    "distribution": ("Distribution", "DistributionConfig"),
    "origin-access-control": ("OriginAccessControl", "OriginAccessControlConfig"),
    "response-headers-policy": ("ResponseHeadersPolicy", "ResponseHeadersPolicyConfig"),
}
# What CloudFront answers although it was not sent; the provider relies on it.
_DEFAULTS = {
    "Aliases": "<Quantity>0</Quantity>",
    "CustomErrorResponses": "<Quantity>0</Quantity>",
    "Logging": "<Enabled>false</Enabled><IncludeCookies>false</IncludeCookies><Bucket/><Prefix/>",
    "OriginGroups": "<Quantity>0</Quantity>",
}
_TRUSTED = "".join(
    f"<{name}><Enabled>false</Enabled><Quantity>0</Quantity></{name}>"
    for name in ("ActiveTrustedSigners", "ActiveTrustedKeyGroups")
)
_MISSING = {
    "cache-policy": "NoSuchCachePolicy",
    "distribution": "NoSuchDistribution",
    "origin-access-control": "NoSuchOriginAccessControl",
    "response-headers-policy": "NoSuchResponseHeadersPolicy",
    "function": "NoSuchFunctionExists",
}


def _new_id() -> str:
    return uuid.uuid4().hex[:13].upper()


@dataclass
class _Kept:
    """One resource: its settings as XML, its tags as XML, and of a function its code."""

    settings: str
    tags: str = "<Items/>"
    code: bytes = b""
    is_published: bool = False
    etag: str = field(default_factory=_new_id)


class CloudFront:
    """A WSGI application that answers CloudFront's addresses and passes on all others."""

    def __init__(self, application: Callable[..., Iterable[bytes]]) -> None:
        self._application = application
        self._kept: dict[tuple[str, str], _Kept] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        found = _PATH.fullmatch(environ["PATH_INFO"])
        if found is None:
            return self._application(environ, start_response)
        text = body(environ).decode()
        method, kind, name, what = environ["REQUEST_METHOD"], found[1], found[2], found[3]
        if kind == "tagging":
            return self._tagging(environ, text, start_response)
        if kind == "function":
            return self._function(method, name, what, text, start_response)
        if method == "POST":
            name = _new_id()
            tags = re.search(r"<Tags>(.*?)</Tags>", text, re.S)
            kept = _Kept(_inner(text, _KINDS[kind][1]), tags[1] if tags else "<Items/>")
            self._kept[kind, name] = kept
            return _send(start_response, 201, self._described(kind, name), kept.etag)
        if (kind, name) not in self._kept:
            return _absent(start_response, kind)
        if method == "PUT":
            before = self._kept[kind, name]
            self._kept[kind, name] = _Kept(_inner(text, _KINDS[kind][1]), before.tags)
        if method == "DELETE":
            del self._kept[kind, name]
            return _send(start_response, 204, "")
        return _send(start_response, 200, self._described(kind, name), self._kept[kind, name].etag)

    def _described(self, kind: str, name: str) -> str:
        element, settings = _KINDS[kind]
        own = (
            f"<ARN>{_arn(kind, name)}</ARN><Status>Deployed</Status>"
            f"<DomainName>{name.lower()}.cloudfront.net</DomainName>"
            f"<InProgressInvalidationBatches>0</InProgressInvalidationBatches>{_TRUSTED}"
            if kind == "distribution"
            else ""
        )
        given = self._kept[kind, name].settings
        more = _DEFAULTS if kind == "distribution" else {}
        given += "".join(f"<{n}>{v}</{n}>" for n, v in more.items() if f"<{n}>" not in given)
        inner = f"<{settings}>{given}</{settings}>"
        return (
            f"<{element} {_NAMESPACE}><Id>{name}</Id>{own}"
            f"<LastModifiedTime>{_NOW}</LastModifiedTime>{inner}</{element}>"
        )

    def _function(
        self, method: str, name: str | None, what: str | None, text: str, start_response: Any
    ) -> Any:
        if method == "POST" and name is None:
            named = re.search(r"<Name>([^<]+)</Name>", text)
            assert named is not None
            self._kept["function", named[1]] = _function_of(text)
            name = named[1]
        elif ("function", str(name)) not in self._kept:
            return _absent(start_response, "function")
        kept = self._kept["function", str(name)]
        if method == "PUT":
            kept = self._kept["function", str(name)] = _function_of(text)
        if method == "DELETE":
            del self._kept["function", str(name)]
            return _send(start_response, 204, "")
        if what == "publish":
            kept.is_published = True
        if method == "GET" and what is None:
            return _send(start_response, 200, kept.code.decode(), kept.etag)
        stage = "LIVE" if kept.is_published else "DEVELOPMENT"
        summary = (
            f"<FunctionSummary {_NAMESPACE}><Name>{name}</Name><Status>DEPLOYED</Status>"
            f"<FunctionConfig>{kept.settings}</FunctionConfig><FunctionMetadata>"
            f"<FunctionARN>{_arn('function', str(name))}</FunctionARN><Stage>{stage}</Stage>"
            f"<CreatedTime>{_NOW}</CreatedTime><LastModifiedTime>{_NOW}</LastModifiedTime>"
            "</FunctionMetadata></FunctionSummary>"
        )
        return _send(
            start_response, 201 if method == "POST" and not what else 200, summary, kept.etag
        )

    def _tagging(self, environ: dict[str, Any], text: str, start_response: Any) -> Any:
        named = re.search(r"Resource=([^&]+)", environ.get("QUERY_STRING", ""))
        kind, name = re.findall(r"([a-z-]+)(?:/|%2F)([^/%]+)$", named[1] if named else "")[0]
        kept = self._kept[kind, name]
        if environ["REQUEST_METHOD"] == "POST":
            kept.tags = _inner(text, "Tags") or kept.tags
            return _send(start_response, 204, "")
        return _send(start_response, 200, f"<Tags {_NAMESPACE}>{kept.tags}</Tags>")


def _function_of(text: str) -> _Kept:
    return _Kept(
        _inner(text, "FunctionConfig"), code=base64.b64decode(_inner(text, "FunctionCode"))
    )


def _inner(text: str, element: str) -> str:
    found = re.search(rf"<{element}(?:\s[^>]*)?>(.*)</{element}>", text, re.S)
    return found[1] if found else ""


def _arn(kind: str, name: str) -> str:
    return f"arn:aws:cloudfront::{ACCOUNT}:{kind}/{name}"


def _absent(start_response: Any, kind: str) -> list[bytes]:
    error = f"<Error><Type>Sender</Type><Code>{_MISSING[kind]}</Code><Message/></Error>"
    return _send(start_response, 404, f"<ErrorResponse>{error}</ErrorResponse>")


def _send(start_response: Any, status: int, text: str, etag: str = "") -> list[bytes]:
    headers = [("Content-Type", "text/xml")] + ([("ETag", etag)] if etag else [])
    start_response(f"{status} -", headers)
    return [text.encode()]
