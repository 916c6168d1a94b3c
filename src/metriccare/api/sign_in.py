"""The OpenID Connect code flow, done by the server: PKCE, state and nonce never reach a script.

What a sign-in needs until the browser comes back is in one encrypted cookie, so that no table of
unfinished sign-ins can be filled. Source: serving specification 4.1.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from urllib.parse import urlencode, urlsplit

from cryptography.fernet import Fernet, InvalidToken

from metriccare.access.issuer_keys import IssuerClient, IssuerKeys, IssuerUnreachable
from metriccare.access.person import Person, person_of
from metriccare.access.tokens import SignInFailed, Tokens
from metriccare.api.sessions import Session, SessionKeeper
from metriccare.serve_settings import OidcSettings

# A person who picks a user or types a second factor needs no longer.
FLOW_SECONDS = 600
_LONGEST_PATH = 2048


@dataclass(frozen=True)
class Flow:
    """One sign-in that began and has not come back."""

    state: str
    nonce: str
    verifier: str
    redirect_uri: str
    return_to: str


@dataclass(frozen=True)
class SignedIn:
    """A finished sign-in: the cookie's value, the session, and the page asked for."""

    session_id: str
    session: Session
    return_to: str


class SignIn:
    """Begins and finishes sign-ins at one issuer, and reads roles again.

    `key` (32 bytes) encrypts sign-in cookies and refresh tokens where several processes share them;
    without one it is made at random and ends with the process.
    """

    def __init__(
        self,
        oidc: OidcSettings,
        client_secret: str | None,
        client: IssuerClient,
        keys: IssuerKeys,
        keeper: SessionKeeper,
        key: bytes | None = None,
    ) -> None:
        self._oidc, self._secret, self._client, self._keys = oidc, client_secret, client, keys
        self.keeper = keeper
        self.tokens = Tokens(oidc, keys)
        self._box = Fernet(base64.urlsafe_b64encode(key) if key else Fernet.generate_key())

    def begin(self, redirect_uri: str, return_to: str | None) -> tuple[str, str]:
        """Return the issuer's address to go to and the cookie that the sign-in is bound to."""
        flow = Flow(
            state=secrets.token_urlsafe(32),
            nonce=secrets.token_urlsafe(32),
            verifier=secrets.token_urlsafe(48),
            redirect_uri=redirect_uri,
            return_to=safe_path(return_to),
        )
        challenge = hashlib.sha256(flow.verifier.encode()).digest()
        asked = {
            "response_type": "code",
            "client_id": self._oidc.client_id,
            "redirect_uri": redirect_uri,
            "scope": self._oidc.scopes,
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": base64.urlsafe_b64encode(challenge).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        address = f"{self._keys.address('authorization_endpoint')}?{urlencode(asked)}"
        return address, self._box.encrypt(json.dumps(asdict(flow)).encode()).decode()

    def finish(self, code: str, state: str, cookie: str, address: str) -> SignedIn:
        """Return the new session; raises SignInFailed."""
        flow = self._flow(cookie)
        if not hmac.compare_digest(flow.state, state):
            raise SignInFailed("state")
        answer = self._ask(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": flow.redirect_uri,
                "code_verifier": flow.verifier,
            }
        )
        claims = self.tokens.id_token(str(answer.get("id_token", "")), flow.nonce)
        sid = claims.get("sid")
        session_id, session = self.keeper.begin(
            person_of(claims, self._oidc.claims),
            address,
            sid if isinstance(sid, str) else None,
            self._sealed(answer.get("refresh_token")),
        )
        return SignedIn(session_id, session, flow.return_to)

    def with_roles_now(self, session: Session) -> Session:
        """Return the session with roles read again; raises SignInFailed if the issuer refuses."""
        if session.refresh_token is None:
            raise SignInFailed("no_refresh_token")
        token = self._box.decrypt(session.refresh_token).decode()
        answer = self._ask({"grant_type": "refresh_token", "refresh_token": token})
        claims = self.tokens.id_token(str(answer.get("id_token", "")), None)
        if claims["sub"] != session.person.subject:
            raise SignInFailed("subject")
        person = person_of(claims, self._oidc.claims)
        return self.keeper.with_roles(session, person, self._sealed(answer.get("refresh_token")))

    def person_of_token(self, text: str) -> Person:
        """Return who an access token speaks for; raises SignInFailed."""
        return person_of(self.tokens.access_token(text), self._oidc.claims)

    def end_session_address(self, return_to: str) -> str | None:
        """Return the issuer's address that ends its own session; None if it has none."""
        try:
            address = self._keys.address("end_session_endpoint")
        except IssuerUnreachable:
            return None
        asked = {"client_id": self._oidc.client_id, "post_logout_redirect_uri": return_to}
        return f"{address}?{urlencode(asked)}"

    def keys_age_seconds(self) -> float | None:
        """Return how old the issuer's keys are."""
        return self._keys.age_seconds()

    def refresh_keys(self) -> None:
        """Fetch the issuer's keys; raises IssuerUnreachable."""
        self._keys.refresh()

    def _flow(self, cookie: str) -> Flow:
        try:
            content = self._box.decrypt(cookie.encode(), ttl=FLOW_SECONDS)
        except (InvalidToken, UnicodeEncodeError) as error:
            raise SignInFailed("flow_cookie") from error
        return Flow(**json.loads(content))

    def _ask(self, form: Mapping[str, str]) -> Mapping[str, object]:
        secret = {} if self._secret is None else {"client_secret": self._secret}
        sent = {**form, "client_id": self._oidc.client_id, **secret}
        try:
            found = json.loads(self._client.post(self._keys.address("token_endpoint"), sent))
        except (IssuerUnreachable, ValueError) as error:
            raise SignInFailed("token_endpoint") from error
        if not isinstance(found, dict):
            raise SignInFailed("token_endpoint")
        return found

    def _sealed(self, token: object) -> bytes | None:
        return self._box.encrypt(token.encode()) if isinstance(token, str) else None


def safe_path(text: str | None) -> str:
    """Return a path of this server to go back to; anything else becomes the first page.

    Browsers read `//host`, `/\\host` and addresses with control characters as another host.
    """
    if not text or len(text) > _LONGEST_PATH or not text.startswith("/"):
        return "/"
    is_plain = text.isprintable() and text.isascii() and "\\" not in text
    parts = urlsplit(text) if is_plain else None
    if parts is None or parts.scheme or parts.netloc or text.startswith("//"):
        return "/"
    return "/" if parts.path.startswith(("/auth", "/v1")) or "//" in parts.path else text
