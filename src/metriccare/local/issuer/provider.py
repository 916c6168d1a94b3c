"""The protocol of the development issuer: codes, tokens, and who is signed in.

It speaks OpenID Connect as a provider in production does, so that sign-in, token checks, key
rotation and logout run the same code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from metriccare.local.issuer.keys import KeyFile
from metriccare.serve_settings import ServeUser

CLIENT, AUDIENCE = "metriccare-local", "metriccare-api"
_CODE_SECONDS = 60
TOKEN_SECONDS = 3600
# As long as a session on a laptop lasts.
_REFRESH_SECONDS = 3600


class Refused(Exception):
    """A request that the protocol does not allow; the text is its OAuth error word."""


@dataclass(frozen=True)
class Asked:
    """What an authorization request asked for."""

    redirect_uri: str
    state: str
    nonce: str
    challenge: str


@dataclass(frozen=True)
class _Grant:
    user: ServeUser
    nonce: str | None
    redirect_uri: str
    challenge: str
    expires: float
    sid: str


class Provider:
    """Signs in declared users; no password, so only on this machine."""

    def __init__(
        self,
        issuer: str,
        keys: KeyFile,
        users: Sequence[ServeUser],
        redirect_uris: frozenset[str],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.issuer, self.keys, self.users = issuer, keys, {u.subject: u for u in users}
        self._redirect_uris, self._clock, self._lock = redirect_uris, clock, threading.Lock()
        self._codes: dict[str, _Grant] = {}
        self._refresh: dict[str, _Grant] = {}

    def discovery(self) -> dict[str, Any]:
        """Return the discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "end_session_endpoint": f"{self.issuer}/end_session",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
        }

    def asked(self, query: Mapping[str, str]) -> Asked:
        """Return a checked authorization request; raises Refused."""
        if query.get("client_id") != CLIENT or query.get("redirect_uri") not in self._redirect_uris:
            raise Refused("unauthorized_client")
        wanted = {"response_type": "code", "code_challenge_method": "S256"}
        if any(query.get(name) != value for name, value in wanted.items()):
            raise Refused("invalid_request")
        names = ("redirect_uri", "state", "nonce", "code_challenge")
        if not all(query.get(name) for name in names):
            raise Refused("invalid_request")
        return Asked(*(query[name] for name in names))

    def code(self, asked: Asked, subject: str) -> str:
        """Return a code for a user who was picked; raises Refused for an unknown one."""
        user = self.users.get(subject)
        if user is None:
            raise Refused("access_denied")
        code, sid = secrets.token_urlsafe(32), secrets.token_urlsafe(16)
        expires = self._clock() + _CODE_SECONDS
        grant = _Grant(user, asked.nonce, asked.redirect_uri, asked.challenge, expires, sid)
        with self._lock:
            self._codes = {c: g for c, g in self._codes.items() if g.expires > self._clock()}
            self._codes[code] = grant
        return code

    def tokens(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Return the tokens of a code or of a refresh token; each is good once."""
        if form.get("client_id") != CLIENT:
            raise Refused("invalid_client")
        with self._lock:
            if form.get("grant_type") == "authorization_code":
                grant = self._of_code(form)
            elif form.get("grant_type") == "refresh_token":
                grant = self._refresh.pop(form.get("refresh_token", ""), None)
            else:
                raise Refused("unsupported_grant_type")
            if grant is None or grant.expires < self._clock():
                raise Refused("invalid_grant")
            return self._issued(grant)

    def access_token(self, user: ServeUser) -> str:
        """Return a bearer token of a user for an hour."""
        now = int(self._clock())
        claims = {
            **_claims(user),
            "iss": self.issuer,
            "aud": AUDIENCE,
            "client_id": CLIENT,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "jti": secrets.token_urlsafe(16),
        }
        return self.keys.sign(claims, "at+jwt")

    def logout_token(self, subject: str) -> str:
        """Return a back-channel logout token for every session of a user."""
        now = int(self._clock())
        event = "http://schemas.openid.net/event/backchannel-logout"
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": subject,
            "iat": now,
            "exp": now + _CODE_SECONDS,
            "jti": secrets.token_urlsafe(16),
            "events": {event: {}},
        }
        return self.keys.sign(claims, "logout+jwt")

    def remove_user(self, subject: str) -> None:
        """Remove a user, as an administrator of a real issuer would."""
        self.users.pop(subject, None)

    def _of_code(self, form: Mapping[str, str]) -> _Grant | None:
        grant = self._codes.pop(form.get("code", ""), None)
        if grant is None or grant.redirect_uri != form.get("redirect_uri"):
            return None
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return grant if hmac.compare_digest(challenge, grant.challenge) else None

    def _issued(self, grant: _Grant) -> dict[str, Any]:
        now, user = int(self._clock()), self.users.get(grant.user.subject)
        if user is None:
            raise Refused("invalid_grant")
        nonce = {} if grant.nonce is None else {"nonce": grant.nonce}
        claims = {
            **_claims(user),
            **nonce,
            "iss": self.issuer,
            "aud": CLIENT,
            "iat": now,
            "exp": now + TOKEN_SECONDS,
            "sid": grant.sid,
        }
        refresh = secrets.token_urlsafe(32)
        expires = self._clock() + _REFRESH_SECONDS
        self._refresh[refresh] = _Grant(user, None, "", "", expires, grant.sid)
        return {
            "access_token": self.access_token(user),
            "id_token": self.keys.sign(claims, "JWT"),
            "refresh_token": refresh,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
        }


def _claims(user: ServeUser) -> dict[str, Any]:
    claims: dict[str, Any] = {
        "sub": user.subject,
        "name": user.name,
        "roles": list(user.roles),
        "tenants": list(user.tenants),
    }
    if user.facilities is not None:
        claims["facilities"] = list(user.facilities)
    if user.provider is not None:
        claims["provider"] = user.provider
    return claims
