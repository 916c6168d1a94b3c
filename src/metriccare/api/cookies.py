"""The cookies of sign-in and session.

`__Host-` cookies need `Secure`. Some browsers keep no such cookie on http://127.0.0.1: there, and
only there, the sign-in cookie is set under a plain name too, and whichever comes back decides.
"""

from __future__ import annotations

from collections.abc import Mapping

SESSION, FLOW = "mc_session", "mc_sign_in"
_PREFIX = "__Host-"
_CHUNK = "; Path=/; HttpOnly; SameSite=Lax"


def read(cookies: Mapping[str, str], name: str, is_tls: bool) -> tuple[str | None, bool]:
    """Return a cookie, and whether it has its `__Host-` name; without TLS a plain one counts."""
    value = cookies.get(_PREFIX + name)
    if value:
        return value, True
    return (None if is_tls else cookies.get(name)), False


def is_doubled(header: str, name: str) -> bool:
    """Return True if a `Cookie` header has a cookie twice: one was set for another path.

    Browsers let no page do that to a `__Host-` cookie, so who sends it is no browser, or is led.
    """
    names = [part.partition("=")[0].strip() for part in header.split(";")]
    return any(names.count(each) > 1 for each in (name, _PREFIX + name))


def set_header(name: str, value: str, is_host: bool, seconds: int) -> str:
    """Return a `Set-Cookie` value."""
    secure = "; Secure" if is_host else ""
    shown = f"{_PREFIX}{name}" if is_host else name
    return f"{shown}={value}{_CHUNK}{secure}; Max-Age={seconds}"


def clear_headers(name: str) -> list[str]:
    """Return `Set-Cookie` values that remove a cookie under both names."""
    return [set_header(name, "", is_host, 0) for is_host in (True, False)]
