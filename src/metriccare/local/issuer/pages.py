"""The addresses of the development issuer as an ASGI app."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qs, urlencode

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from metriccare.local.issuer.provider import Asked, Provider, Refused

_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_MOST_BODY_BYTES = 65_536


def issuer_app(provider: Provider, hosts: frozenset[str]) -> ASGIApp:
    """Return the app; it answers only to the hosts named."""

    async def discovery(_request: Request) -> Response:
        return _json(provider.discovery())

    async def jwks(_request: Request) -> Response:
        return _json(provider.keys.jwks())

    async def authorize(request: Request) -> Response:
        query = dict(request.query_params)
        try:
            asked = provider.asked(query)
            if "user" not in query:
                return _page(_users(provider, query))
            return _back(asked, provider.code(asked, query["user"]))
        except Refused as error:
            return _page(f"<p>This sign-in is not possible: {escape(str(error))}.</p>", 400)

    async def token(request: Request) -> Response:
        body = (await request.body())[:_MOST_BODY_BYTES].decode("utf-8", "replace")
        form = {name: values[0] for name, values in parse_qs(body, max_num_fields=20).items()}
        try:
            return _json(provider.tokens(form))
        except Refused as error:
            return _json({"error": str(error)}, 400)

    async def end_session(_request: Request) -> Response:
        return _page("<p>You are signed out of the development sign-in.</p>")

    routes = [
        Route("/.well-known/openid-configuration", discovery),
        Route("/jwks", jwks),
        Route("/authorize", authorize),
        Route("/token", token, methods=["POST"]),
        Route("/end_session", end_session),
    ]
    return _HostCheck(Starlette(routes=routes), hosts)


class _HostCheck:
    """Refuses names that are not ours: a page elsewhere may point its own name at this machine."""

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app, self._hosts = app, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request that names one of our hosts."""
        if scope["type"] == "http":
            host = dict(scope["headers"]).get(b"host", b"").decode("latin-1").lower()
            if host not in self._hosts:
                await Response(status_code=421)(scope, receive, send)
                return
        await self._app(scope, receive, send)


def _users(provider: Provider, query: Mapping[str, str]) -> str:
    """Return the list to pick from; each name is a link, so that no form is needed."""
    rows = "".join(
        f'<li><a href="/authorize?{escape(urlencode({**query, "user": user.subject}))}">'
        f"{escape(user.name)}</a>: {escape(', '.join(user.roles))};"
        f" {escape(', '.join(user.tenants))}</li>"
        for user in provider.users.values()
    )
    return (
        f"<p>Pick who you are. There are no passwords: this is for development.</p><ul>{rows}</ul>"
    )


def _back(asked: Asked, code: str) -> Response:
    query = urlencode({"code": code, "state": asked.state})
    return RedirectResponse(f"{asked.redirect_uri}?{query}", 303, _HEADERS)


def _json(content: object, status: int = 200) -> Response:
    return JSONResponse(content, status, _HEADERS)


def _page(content: str, status: int = 200) -> Response:
    return HTMLResponse(
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Development sign-in</title>'
        f"</head><body><main><h1>Development sign-in</h1>{content}</main></body></html>",
        status,
        _HEADERS,
    )
