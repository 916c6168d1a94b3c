"""HTTP to the one configured issuer: 2 seconds, 1 MB, no redirect, https outside this machine."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from metriccare.access.issuer_keys import IssuerUnreachable, is_safe_address

_SECONDS = 2.0
_MOST_BYTES = 1_000_000


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        """Follow no redirect: the answer with its 3xx status becomes an error."""


class HttpIssuerClient:
    """Fetches with the standard library; proxies that the environment names are not used."""

    def __init__(self) -> None:
        self._opener = urllib.request.build_opener(_NoRedirect, urllib.request.ProxyHandler({}))

    def get(self, address: str) -> bytes:
        """Return the body of an address of the issuer."""
        return self._open(address, None)

    def post(self, address: str, form: Mapping[str, str]) -> bytes:
        """Send a form to an address of the issuer, return the body."""
        return self._open(address, urlencode(form).encode())

    def _open(self, address: str, data: bytes | None) -> bytes:
        if not is_safe_address(address):
            raise IssuerUnreachable("The issuer's address is neither https nor on this machine.")
        request = urllib.request.Request(address, data, {"Accept": "application/json"})  # noqa: S310
        try:
            with self._opener.open(request, timeout=_SECONDS) as answer:
                body: bytes = answer.read(_MOST_BYTES + 1)
        except (OSError, urllib.error.URLError, ValueError) as error:
            raise IssuerUnreachable("The issuer did not answer.") from error
        if len(body) > _MOST_BYTES:
            raise IssuerUnreachable("The issuer's answer is over 1 MB.")
        return body
