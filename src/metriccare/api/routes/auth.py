"""Sign-in and sign-out."""

from __future__ import annotations

from metriccare.access.issuer_keys import IssuerUnreachable
from metriccare.access.tokens import SignInFailed
from metriccare.api import cookies
from metriccare.api.endpoint import Call, Endpoint, Open, Reply
from metriccare.api.parameters import Parameter
from metriccare.api.problems import Problem
from metriccare.api.sign_in import FLOW_SECONDS


def login(call: Call) -> Reply:
    """Send the browser to the issuer."""
    call.exchange.action = "login"
    sign_in = call.services.sign_in
    try:
        address, flow = sign_in.begin(f"{_base(call)}/auth/callback", call.values["return_to"])
    except IssuerUnreachable as error:
        raise Problem("unavailable", f"Sign-in is not possible right now. {error}",
                      reason="issuer") from error  # fmt: skip
    names = (True,) if call.services.is_tls else (True, False)
    set_cookies = [
        ("set-cookie", cookies.set_header(cookies.FLOW, flow, is_host, FLOW_SECONDS))
        for is_host in names
    ]
    return _redirect(address, set_cookies)


def callback(call: Call) -> Reply:
    """Finish a sign-in that the issuer sent back, and go to the page asked for."""
    call.exchange.action, call.exchange.must_audit = "login", True
    services, values = call.services, call.values
    flow, is_host = cookies.read(call.request.cookies, cookies.FLOW, services.is_tls)
    if values["error"] or not values["code"] or not values["state"]:
        raise services.gate.failed("issuer_refused", call.exchange)
    if flow is None:
        raise services.gate.failed("flow_cookie", call.exchange)
    try:
        signed_in = services.sign_in.finish(
            values["code"], values["state"], flow, call.exchange.address
        )
    except SignInFailed as error:
        raise services.gate.failed(error.reason, call.exchange) from error
    except IssuerUnreachable as error:
        raise Problem("unavailable", reason="issuer") from error
    person, session = signed_in.session.person, signed_in.session
    call.exchange.principal, call.exchange.role = person.subject, person.role
    call.exchange.session = session.key[:16]
    call.exchange.tenant = next(iter(person.tenants), None)
    _end_old_session(call)
    seconds = int(services.sign_in.keeper.lifetimes.whole)
    cookie = cookies.set_header(cookies.SESSION, signed_in.session_id, is_host, seconds)
    cleared = [("set-cookie", value) for value in cookies.clear_headers(cookies.FLOW)]
    return _redirect(signed_in.return_to, [("set-cookie", cookie), *cleared])


def logout(call: Call) -> Reply:
    """End the session; the answer names the issuer's address that ends its own."""
    services = call.services
    if call.known.session is not None:
        services.sign_in.keeper.store.end(call.known.session.key)
    cleared = tuple(("set-cookie", value) for value in cookies.clear_headers(cookies.SESSION))
    address = services.sign_in.end_session_address(f"{_base(call)}/")
    return Reply({"signed_out": True, "end_session": address}, headers=cleared)


def backchannel_logout(call: Call) -> Reply:
    """End the sessions that the issuer says have ended."""
    call.exchange.action, call.exchange.must_audit = "logout", True
    services = call.services
    try:
        claims = services.sign_in.tokens.logout_token(str(call.body))
    except SignInFailed as error:
        raise services.gate.failed(error.reason, call.exchange) from error
    sid, subject = claims.get("sid"), claims.get("sub")
    ended = services.sign_in.keeper.store.end_of(
        subject if isinstance(subject, str) else None, sid if isinstance(sid, str) else None
    )
    call.exchange.principal = str(subject or "unknown")
    return Reply({"ended": ended})


def _end_old_session(call: Call) -> None:
    """End the session the browser had: a new sign-in never goes on with an old id."""
    old, _ = cookies.read(call.request.cookies, cookies.SESSION, call.services.is_tls)
    session = call.services.sign_in.keeper.find(old) if old else None
    if session is not None:
        call.services.sign_in.keeper.store.end(session.key)


def _base(call: Call) -> str:
    """Return the server's own address, by the host that was asked: it is one of the allowed."""
    scheme = "https" if call.services.is_tls else "http"
    return f"{scheme}://{call.request.headers['host']}"


def _redirect(address: str, headers: list[tuple[str, str]]) -> Reply:
    return Reply(b"", "text/plain", 303, (("location", address), *headers))


ENDPOINTS = (
    Endpoint(
        "/auth/login",
        login,
        Open.EVERYBODY,
        "Begin a sign-in: sends the browser to the issuer",
        parameters=(Parameter("return_to", "Path of the page to come back to.", is_opaque=True),),
        status=303,
    ),
    Endpoint(
        "/auth/callback",
        callback,
        Open.EVERYBODY,
        "Where the issuer sends the browser back to",
        parameters=tuple(
            Parameter(name, f"The issuer's {name}.", is_opaque=True)
            for name in ("code", "state", "iss", "session_state", "error", "error_description")
        ),
        status=303,
    ),
    Endpoint(
        "/auth/logout",
        logout,
        Open.SIGNED_IN,
        "End the session",
        method="POST",
        action="logout",
    ),
    Endpoint(
        "/auth/backchannel-logout",
        backchannel_logout,
        Open.EVERYBODY,
        "The issuer ends sessions by a signed logout token",
        method="POST",
        form_field="logout_token",
    ),
)
