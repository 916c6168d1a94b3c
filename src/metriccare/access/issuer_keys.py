"""The issuer's addresses and public keys, fetched from the one configured address."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import urlsplit

KEPT_SECONDS = 3600.0
# An unknown key id fetches the keys again: at most this often, however many tokens name one.
FORCED_EVERY_SECONDS = 60.0
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}

Clock = Callable[[], float]


class IssuerUnreachable(Exception):
    """The issuer did not answer, or answered something else than expected."""


class IssuerClient(Protocol):
    """Fetches from the issuer; no redirect to another host is followed."""

    def get(self, address: str) -> bytes:
        """Return the body; IssuerUnreachable on any failure."""
        ...

    def post(self, address: str, form: Mapping[str, str]) -> bytes:
        """Send a form, return the body; IssuerUnreachable on any failure."""
        ...


class IssuerKeys:
    """Addresses by discovery and keys by id, each kept for an hour."""

    def __init__(self, issuer: str, client: IssuerClient, clock: Clock = time.monotonic) -> None:
        self._issuer, self._client, self._clock = issuer.rstrip("/"), client, clock
        self._lock = threading.Lock()
        self._discovery: Mapping[str, Any] = {}
        self._keys: Mapping[str, Mapping[str, Any]] = {}
        self._discovered_at = self._fetched_at = self._forced_at = float("-inf")

    def address(self, name: str) -> str:
        """Return an address of the discovery document, such as `token_endpoint`."""
        with self._lock:
            found = self._document().get(name)
        if not isinstance(found, str):
            raise IssuerUnreachable(f"The issuer's discovery document has no {name}.")
        return found

    def key(self, kid: str) -> Mapping[str, Any] | None:
        """Return the public key (a JWK) of an id; None if the issuer has none."""
        with self._lock:
            if self._clock() - self._fetched_at > KEPT_SECONDS:
                self._fetch()
            if kid not in self._keys and self._clock() - self._forced_at > FORCED_EVERY_SECONDS:
                self._forced_at = self._clock()
                self._fetch()
            return self._keys.get(kid)

    def age_seconds(self) -> float | None:
        """Return how long ago the keys were fetched; None if never."""
        age = self._clock() - self._fetched_at
        return None if age == float("inf") else age

    def refresh(self) -> None:
        """Fetch discovery and keys; IssuerUnreachable if that fails."""
        with self._lock:
            self._fetch()

    def _document(self) -> Mapping[str, Any]:
        if self._clock() - self._discovered_at > KEPT_SECONDS:
            document = _json(self._client.get(f"{self._issuer}/.well-known/openid-configuration"))
            if str(document.get("issuer", "")).rstrip("/") != self._issuer:
                raise IssuerUnreachable("The discovery document is of another issuer.")
            self._discovery, self._discovered_at = document, self._clock()
        return self._discovery

    def _fetch(self) -> None:
        address = self._document().get("jwks_uri")
        if not isinstance(address, str):
            raise IssuerUnreachable("The issuer's discovery document has no jwks_uri.")
        keys = _json(self._client.get(address)).get("keys")
        listed = keys if isinstance(keys, list) else []
        self._keys = {
            key["kid"]: key
            for key in listed
            if isinstance(key, dict) and isinstance(key.get("kid"), str)
        }
        self._fetched_at = self._clock()


def is_safe_address(address: str) -> bool:
    """Return True for https, and for http on this machine."""
    parts = urlsplit(address)
    is_local = parts.scheme == "http" and parts.hostname in _LOOPBACK
    return bool(parts.hostname) and (parts.scheme == "https" or is_local)


def _json(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise IssuerUnreachable("The issuer answered something else than JSON.") from error
    if not isinstance(found, dict):
        raise IssuerUnreachable("The issuer answered something else than a JSON object.")
    return found
