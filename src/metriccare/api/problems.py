"""Errors as `application/problem+json` (RFC 9457), and the page that explains each.

A detail says what is wrong, why probably, and what next; never a value of a record, never SQL.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import NamedTuple

import orjson

MEDIA_TYPE = "application/problem+json"


class Kind(NamedTuple):
    """One kind of problem: its status and title, and what a reader can do about it."""

    status: int
    title: str
    meaning: str


KINDS: Mapping[str, Kind] = {
    "unauthenticated": Kind(
        401,
        "Sign in first",
        "The request carried no session and no valid token. People sign in at /auth/login;"
        " programs send an access token of the configured issuer.",
    ),
    "forbidden": Kind(
        403,
        "Your role does not allow this",
        "You are signed in, but none of your roles has the right that this needs. Ask your"
        " administrator for a role that has it.",
    ),
    "not-found": Kind(
        404,
        "There is nothing here",
        "The address is wrong, the item does not exist, or you may not know whether it exists.",
    ),
    "method-not-allowed": Kind(
        405,
        "This address does not take that method",
        "The header Allow names the methods that this address takes.",
    ),
    "invalid-parameter": Kind(
        422,
        "A parameter is not valid",
        "The list `errors` names each parameter and what it wants. Unknown parameters are errors,"
        " so that a typing mistake cannot silently widen an answer.",
    ),
    "purpose-required": Kind(
        403,
        "Say what you read this for",
        "Evidence, small counts and exports are read for a purpose, which is kept in the audit."
        " Send the header MetricCare-Purpose with one of: quality-improvement, payment,"
        " operations, audit, patient-request; a note may follow after a semicolon.",
    ),
    "publication-changed": Kind(
        409,
        "New figures were published",
        "The cursor belongs to an older publication. Begin again at the first page, so that no"
        " list mixes two publications.",
    ),
    "publication-gone": Kind(
        410,
        "That publication is no longer kept",
        "The pinned publication was cleaned up or erased. Leave the pin out to read the current"
        " one.",
    ),
    "not-published": Kind(
        404,
        "Nothing is published yet",
        "No run has published results of this tenant. `metriccare run` publishes them.",
    ),
    "too-large": Kind(
        413,
        "That is too large",
        "A body may have 64 kB, an address 8 kB, and an answer 50,000 rows. Larger lists are"
        " exports: POST /v1/exports.",
    ),
    "too-many-requests": Kind(
        429, "Too many requests", "Wait as many seconds as the header Retry-After says."
    ),
    "conflict": Kind(
        409, "That does not fit what is stored", "The item changed or is not in the right state."
    ),
    "unavailable": Kind(
        503,
        "Not available right now",
        "Something this needs cannot be reached: the published files, the issuer, or the audit."
        " Where reads cannot be recorded, nothing is shown.",
    ),
    "timeout": Kind(
        504, "That took too long", "The query was stopped. Ask for less: a filter, a coarser grain."
    ),
    "internal": Kind(
        500, "Something went wrong", "The fault is ours. The request's id finds it in the log."
    ),
}


@dataclass(frozen=True)
class FieldError:
    """One wrong part of a request: where it is, its name, and what it wants."""

    place: str
    name: str
    detail: str


@dataclass
class Problem(Exception):
    """An answer that is no success. `reason` is one word for audit and metrics."""

    slug: str
    detail: str = ""
    errors: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    status: int = 0
    more: Mapping[str, object] = field(default_factory=dict)
    reason: str = ""

    def __post_init__(self) -> None:
        """Fill in the usual status and words of its kind."""
        kind = KINDS[self.slug]
        self.status = self.status or kind.status
        self.detail = self.detail or kind.meaning
        self.reason = self.reason or self.slug.replace("-", "_")

    def body(self, request_id: str) -> bytes:
        """Return the JSON text of the answer."""
        content: dict[str, object] = {
            "type": f"/problems/{self.slug}",
            "title": KINDS[self.slug].title,
            "status": self.status,
            "detail": self.detail,
            "instance": request_id,
        }
        if self.errors:
            content["errors"] = [
                {"in": error.place, "name": error.name, "detail": error.detail}
                for error in self.errors
            ]
        return orjson.dumps({**content, **self.more})


def invalid(place: str, name: str, detail: str) -> Problem:
    """Return the problem of one wrong parameter."""
    return Problem("invalid-parameter", errors=(FieldError(place, name, detail),))


# What frameworks answer by themselves.
_BY_STATUS = {404: "not-found", 405: "method-not-allowed", 413: "too-large", 400: "conflict"}


def of_status(status: int) -> Problem:
    """Return the problem for a status that the framework chose."""
    slug = _BY_STATUS.get(status, "internal" if status >= 500 else "not-found")
    return Problem(slug, status=status)


def page(slug: str) -> str | None:
    """Return the page that explains a kind of problem; None if there is no such kind."""
    kind = KINDS.get(slug)
    if kind is None:
        return None
    title, meaning = escape(kind.title), escape(kind.meaning)
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f"<title>{title}</title></head><body><main><h1>{title}</h1>"
        f"<p>{meaning}</p><p>Status {kind.status}, type <code>/problems/{slug}</code>.</p>"
        '<p><a href="/">Back to MetricCare</a></p></main></body></html>'
    )
