"""Checks of what an issuer signed: access tokens of programs, id tokens of a sign-in.

A token names no address and no algorithm that is followed: keys come from the configured issuer
only, and `alg` must be in a short list. Source: serving specification 4.1.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

import jwt

from metriccare.access.issuer_keys import IssuerKeys
from metriccare.serve_settings import OidcSettings

ALGORITHMS = ("RS256", "ES256")
LEEWAY_SECONDS = 60
_LONGEST = 8192
_ACCESS_TYPES = {"at+jwt", "application/at+jwt"}
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_KEY_TYPES = {"RS256": "RSA", "ES256": "EC"}


class SignInFailed(Exception):
    """A token or a sign-in was not accepted; `reason` is one word for the audit."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Tokens:
    """Verifies what one issuer signs."""

    def __init__(self, oidc: OidcSettings, keys: IssuerKeys) -> None:
        self._oidc, self._keys = oidc, keys

    def access_token(self, text: str) -> Mapping[str, Any]:
        """Return the claims of an access token for this API; raises SignInFailed."""
        header, claims = self._verified(text)
        if not _is_access_token(header, claims):
            raise SignInFailed("not_an_access_token")
        if not self._is_for_us(claims):
            raise SignInFailed("audience")
        return claims

    def id_token(self, text: str, nonce: str | None) -> Mapping[str, Any]:
        """Return the claims of a sign-in's id token; `nonce` is None for a refreshed one."""
        _, claims = self._verified(text)
        if self._oidc.client_id not in _audiences(claims):
            raise SignInFailed("audience")
        if nonce is not None and not hmac.compare_digest(str(claims.get("nonce")), nonce):
            raise SignInFailed("nonce")
        return claims

    def logout_token(self, text: str) -> Mapping[str, Any]:
        """Return the claims of a back-channel logout token; they have `sub` or `sid`."""
        _, claims = self._verified(text, required=("iss", "iat", "aud", "events"))
        is_logout = _LOGOUT_EVENT in (claims.get("events") or {}) and "nonce" not in claims
        if not is_logout or self._oidc.client_id not in _audiences(claims):
            raise SignInFailed("not_a_logout_token")
        return claims

    def _verified(
        self, text: str, required: tuple[str, ...] = ("iss", "exp", "sub")
    ) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        if len(text) > _LONGEST:
            raise SignInFailed("too_long")
        try:
            header = jwt.get_unverified_header(text)
        except jwt.InvalidTokenError as error:
            raise SignInFailed("malformed") from error
        algorithm, kid = header.get("alg"), header.get("kid")
        if algorithm not in ALGORITHMS:
            raise SignInFailed("algorithm")
        if not isinstance(kid, str):
            raise SignInFailed("key")
        return header, self._claims(text, algorithm, kid, required)

    def _claims(
        self, text: str, algorithm: str, kid: str, required: tuple[str, ...]
    ) -> Mapping[str, Any]:
        key = self._keys.key(kid)
        if key is None or key.get("kty") != _KEY_TYPES[algorithm] or key.get("use") == "enc":
            raise SignInFailed("key")
        try:
            claims: Mapping[str, Any] = jwt.decode(
                text,
                jwt.PyJWK(dict(key), algorithm=algorithm).key,
                algorithms=[algorithm],
                issuer=self._oidc.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": list(required), "verify_aud": False},
            )
        except jwt.ExpiredSignatureError as error:
            raise SignInFailed("expired") from error
        except jwt.ImmatureSignatureError as error:
            raise SignInFailed("not_yet_valid") from error
        except jwt.InvalidIssuerError as error:
            raise SignInFailed("issuer") from error
        except (jwt.InvalidTokenError, jwt.PyJWTError) as error:
            raise SignInFailed("signature") from error
        return claims

    def _is_for_us(self, claims: Mapping[str, Any]) -> bool:
        """Return True if the token is for this API; Cognito's name the client and no audience."""
        wanted = self._oidc.audience or self._oidc.client_id
        if "aud" in claims:
            return wanted in _audiences(claims)
        return claims.get("client_id") == self._oidc.client_id


def _audiences(claims: Mapping[str, Any]) -> tuple[str, ...]:
    found = claims.get("aud")
    return tuple(found) if isinstance(found, list) else (str(found),)


def _is_access_token(header: Mapping[str, Any], claims: Mapping[str, Any]) -> bool:
    """Return True for RFC 9068's type, Cognito's mark, or a token with scopes and no nonce."""
    if "nonce" in claims or "at_hash" in claims or "events" in claims:
        return False
    if str(header.get("typ", "")).lower() in _ACCESS_TYPES:
        return True
    use = claims.get("token_use")
    return use == "access" or (use is None and ("scope" in claims or "scp" in claims))
