"""Sessions in the table `serving`: every instance of the function knows them."""

from __future__ import annotations

import json
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from metriccare.access.person import Person
from metriccare.access.roles import known_roles
from metriccare.api.sessions import Session
from metriccare.aws.serving.table import EXPIRES, ServingTable, hashed
from metriccare.aws.tracking_items import Item

_SESSION = "session"


class TableSessions:
    """Sessions by the hash of their id, with an entry for each name they can be ended by."""

    def __init__(self, table: ServingTable) -> None:
        self._table = table

    def add(self, session: Session) -> None:
        """Keep a new session; the entries first, so that none can be missed by a sign-out."""
        for kind in _kinds_of(session.person.subject, session.issuer_session):
            self._table.put({"kind": kind, "id": session.key, EXPIRES: _end_of(session)})
        self._table.put(_item(session))

    def get(self, key: str) -> Session | None:
        """Return the session of a key."""
        item = self._table.get(_SESSION, key)
        return None if item is None else _session(item)

    def update(self, session: Session) -> None:
        """Keep a changed session, unless it has ended or its roles were read anew in between."""
        condition = "attribute_exists(kind) AND roles_read <= :roles_read"
        self._table.put_if(_item(session), condition, {":roles_read": _exact(session.roles_read)})

    def end(self, key: str) -> None:
        """End one session."""
        session = self.get(key)
        self._table.remove(_SESSION, key)
        if session is not None:
            for kind in _kinds_of(session.person.subject, session.issuer_session):
                self._table.remove(kind, key)

    def end_of(self, subject: str | None, issuer_session: str | None) -> int:
        """End the sessions of an issuer's session, else all of a subject."""
        kinds = _kinds_of(None if issuer_session else subject, issuer_session)
        keys = [str(item["id"]) for kind in kinds for item in self._table.of(kind)]
        ended = [key for key in keys if self.get(key) is not None]
        for key in keys:
            self.end(key)
        return len(ended)


def _kinds_of(subject: str | None, issuer_session: str | None) -> list[str]:
    named = {"sessions-of-subject": subject, "sessions-of-issuer-session": issuer_session}
    return [f"{kind}#{hashed(name)}" for kind, name in named.items() if name]


def _item(session: Session) -> Item:
    person = {**asdict(session.person), "roles": [role.name for role in session.person.roles]}
    own = {k: v for k, v in vars(session).items() if k not in ("person", "refresh_token")}
    item: Item = {
        "kind": _SESSION,
        "id": session.key,
        "content": json.dumps({**own, "person": person}),
        "roles_read": _exact(session.roles_read),
        EXPIRES: _end_of(session),
    }
    return item if session.refresh_token is None else {**item, "token": session.refresh_token}


def _session(item: Item) -> Session:
    content: dict[str, Any] = json.loads(item["content"])
    person = content.pop("person")
    lists = ("tenants", "facilities")
    person |= {name: tuple(person[name]) for name in lists if person[name] is not None}
    # A role that no longer exists gives nothing.
    known = Person(**{**person, "roles": known_roles(person["roles"])})
    token = item.get("token")
    return Session(**content, person=known, refresh_token=None if token is None else bytes(token))


def _end_of(session: Session) -> int:
    return int(session.ends_at) + 1


def _exact(seconds: float) -> Decimal:
    """Return a time as DynamoDB keeps numbers."""
    return Decimal(repr(seconds))
