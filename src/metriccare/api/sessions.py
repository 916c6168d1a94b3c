"""Sessions of people who signed in: kept by the hash of their id, in memory on a laptop."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from metriccare.access.person import Person

# A session costs about 2 kB: 20 MB at most.
_MOST_SESSIONS = 10_000


@dataclass(frozen=True)
class Lifetimes:
    """How long sessions last, in seconds."""

    idle: float = 30 * 60
    whole: float = 8 * 3600
    # Roles are asked for again, so that a removed role ends.
    roles: float = 10 * 60


@dataclass(frozen=True)
class Session:
    """One sign-in of a person in one browser; times are seconds of the server's clock.

    `issuer_session` is the issuer's `sid`. `refresh_token` is encrypted.
    """

    key: str
    person: Person
    csrf: str
    started: float
    seen: float
    roles_read: float
    ends_at: float
    address_prefix: str
    issuer_session: str | None = None
    refresh_token: bytes | None = None


class Sessions(Protocol):
    """Where sessions are kept."""

    def add(self, session: Session) -> None:
        """Keep a new session."""
        ...

    def get(self, key: str) -> Session | None:
        """Return the session of a key."""
        ...

    def update(self, session: Session) -> None:
        """Keep a changed session, unless it has ended in between."""
        ...

    def end(self, key: str) -> None:
        """End one session."""
        ...

    def end_of(self, subject: str | None, issuer_session: str | None) -> int:
        """End the sessions of a subject or of an issuer's session; return how many."""
        ...


class MemorySessions:
    """Sessions of one process: they end with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, Session] = OrderedDict()

    def add(self, session: Session) -> None:
        """Keep a new session; the one unused for longest makes room."""
        with self._lock:
            self._sessions[session.key] = session
            if len(self._sessions) > _MOST_SESSIONS:
                self._sessions.popitem(last=False)

    def get(self, key: str) -> Session | None:
        """Return the session of a key."""
        with self._lock:
            return self._sessions.get(key)

    def update(self, session: Session) -> None:
        """Keep a changed session, unless it has ended in between."""
        with self._lock:
            if session.key in self._sessions:
                self._sessions[session.key] = session
                self._sessions.move_to_end(session.key)

    def end(self, key: str) -> None:
        """End one session."""
        with self._lock:
            self._sessions.pop(key, None)

    def end_of(self, subject: str | None, issuer_session: str | None) -> int:
        """End the sessions of an issuer's session, else all of a subject."""
        with self._lock:
            ended = [
                key
                for key, session in self._sessions.items()
                if (
                    session.issuer_session == issuer_session
                    if issuer_session
                    else session.person.subject == subject
                )
            ]
            for key in ended:
                del self._sessions[key]
        return len(ended)

    def count(self) -> int:
        """Return how many there are."""
        with self._lock:
            return len(self._sessions)


class SessionKeeper:
    """Begins, finds and ends sessions by the id that the cookie carries."""

    def __init__(
        self,
        store: Sessions,
        lifetimes: Lifetimes,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store, self.lifetimes, self._clock = store, lifetimes, clock

    def begin(
        self,
        person: Person,
        address: str,
        issuer_session: str | None,
        refresh_token: bytes | None,
    ) -> tuple[str, Session]:
        """Return a new session and its id: 256 random bits that only the cookie holds."""
        session_id, now = secrets.token_urlsafe(32), self._clock()
        session = Session(
            key=key_of(session_id),
            person=person,
            csrf=secrets.token_urlsafe(32),
            started=now,
            seen=now,
            roles_read=now,
            ends_at=now + self.lifetimes.whole,
            address_prefix=address_prefix(address),
            issuer_session=issuer_session,
            refresh_token=refresh_token,
        )
        self.store.add(session)
        return session_id, session

    def find(self, session_id: str, *, is_use: bool = True) -> Session | None:
        """Return a living session; `is_use` notes that a person used it.

        Questions that a page asks by itself are no use: else an open tab would never be idle.
        """
        session = self.living(key_of(session_id))
        if session is None or not is_use:
            return session
        seen = replace(session, seen=self._clock())
        self.store.update(seen)
        return seen

    def living(self, key: str) -> Session | None:
        """Return the session of a key, unless it has ended or was idle for too long."""
        session, now = self.store.get(key), self._clock()
        if session is None:
            return None
        if now >= session.ends_at or now - session.seen > self.lifetimes.idle:
            self.store.end(session.key)
            return None
        return session

    def must_read_roles(self, session: Session) -> bool:
        """Return True if the roles are older than they may be."""
        return self._clock() - session.roles_read > self.lifetimes.roles

    def with_roles(self, session: Session, person: Person, token: bytes | None) -> Session:
        """Return the session with roles just read."""
        fresh = replace(
            session,
            person=person,
            roles_read=self._clock(),
            refresh_token=token or session.refresh_token,
        )
        self.store.update(fresh)
        return fresh


def key_of(session_id: str) -> str:
    """Return what a session is kept by: whoever reads the store cannot sign in with it."""
    return hashlib.sha256(session_id.encode()).hexdigest()


def address_prefix(address: str) -> str:
    """Return the network of an address: enough for a review, too little to name a person."""
    if ":" in address:
        return ":".join(address.split(":")[:3]) + "::/48"
    return ".".join(address.split(".")[:3]) + ".0/24"
