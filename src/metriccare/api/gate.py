"""Who asks, and may they: credentials, tenant, right, purpose and limits of one request."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from metriccare.access.issuer_keys import IssuerUnreachable
from metriccare.access.person import Person
from metriccare.access.roles import roles_with
from metriccare.access.scope import NotAllowed, Scope, scope_of
from metriccare.access.tokens import SignInFailed
from metriccare.api import cookies, limits
from metriccare.api.exchange import Exchange
from metriccare.api.limits import Limit, Limiter
from metriccare.api.problems import Problem, invalid
from metriccare.api.sessions import Session
from metriccare.api.sign_in import SignIn

PURPOSES = ("quality-improvement", "payment", "operations", "audit", "patient-request")
_PURPOSE = re.compile(rf"({'|'.join(PURPOSES)})(?:\s*;\s*(.{{0,200}}))?")
_SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}


class Demand(NamedTuple):
    """What an endpoint asks of a caller; `right` None: any person who signed in.

    `is_use` is False where a page asks by itself, which keeps no session alive.
    """

    right: str | None
    limit: Limit
    needs_purpose: bool
    is_use: bool = True


@dataclass(frozen=True)
class Caller:
    """Who signed in, in which of their tenants; `session` is None for a program's token."""

    person: Person
    scope: Scope | None
    session: Session | None


@dataclass(frozen=True)
class Gate:
    """Admits or refuses requests."""

    sign_in: SignIn
    limiter: Limiter
    is_tls: bool

    async def admit(self, request: Request, demand: Demand, exchange: Exchange) -> Caller:
        """Return the caller; raises the Problem that says why not."""
        person, session = await self._person(request, exchange, demand.is_use)
        exchange.principal, exchange.role = person.subject, person.role
        exchange.session = session.key[:16] if session else None
        exchange.client = person.client
        self._limit(demand.limit, person, exchange)
        if session is not None and request.method not in _SAFE_METHODS:
            _check_origin(request, session)
        exchange.tenant = next(iter(person.tenants), None)
        exchange.purpose = _purpose(request)
        scope = _scope(request, person, exchange, demand)
        if demand.right is not None and demand.right not in person.rights:
            raise _forbidden(demand.right, person)
        if demand.needs_purpose and exchange.purpose is None:
            raise Problem("purpose-required")
        return Caller(person, scope, session)

    def known(self, request: Request) -> Person | None:
        """Return who asks an endpoint that is open to everybody; None if that is not known.

        It counts no failure and changes nothing.
        """
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        cookie, _ = cookies.read(request.cookies, cookies.SESSION, self.is_tls)
        try:
            if scheme.lower() == "bearer":
                return self.sign_in.person_of_token(token.strip())
        except (SignInFailed, IssuerUnreachable):
            return None
        session = self.sign_in.keeper.find(cookie, is_use=False) if cookie else None
        return session.person if session else None

    async def _person(
        self, request: Request, exchange: Exchange, is_use: bool
    ) -> tuple[Person, Session | None]:
        bearer = request.headers.get("authorization")
        if cookies.is_doubled("; ".join(request.headers.getlist("cookie")), cookies.SESSION):
            problem = invalid("header", "Cookie", "holds two sessions")
            problem.status, problem.reason = 400, "two_credentials"
            raise problem
        cookie, _ = cookies.read(request.cookies, cookies.SESSION, self.is_tls)
        if bearer and cookie:
            problem = invalid("header", "Authorization", "send a token or the cookie, not both")
            problem.status, problem.reason = 400, "two_credentials"
            raise problem
        if bearer:
            return await run_in_threadpool(self._of_token, bearer, exchange), None
        if not cookie:
            raise Problem("unauthenticated", reason="no_credentials")
        session = self.sign_in.keeper.find(cookie, is_use=is_use)
        if session is None:
            raise Problem("unauthenticated", "Your session has ended. Sign in again.",
                          reason="session_ended")  # fmt: skip
        if self.sign_in.keeper.must_read_roles(session):
            session = await run_in_threadpool(self._with_roles, session)
        return session.person, session

    def _of_token(self, header: str, exchange: Exchange) -> Person:
        scheme, _, token = header.partition(" ")
        self._refuse_after_failures(exchange)
        if scheme.lower() != "bearer" or not token.strip():
            raise self.failed("scheme", exchange)
        try:
            return self.sign_in.person_of_token(token.strip())
        except SignInFailed as error:
            raise self.failed(error.reason, exchange) from error
        except IssuerUnreachable as error:
            raise Problem("unavailable", "The issuer's keys cannot be fetched right now.",
                          reason="issuer") from error  # fmt: skip

    def failed(self, reason: str, exchange: Exchange) -> Problem:
        """Count a failed sign-in of an address and return its problem."""
        verdict = self.limiter.take(limits.FAILED_SIGN_INS, exchange.address)
        exchange.action = "login"
        if not verdict.is_allowed:
            exchange.is_repeated = not verdict.is_first_refusal
            return Problem("too-many-requests", headers=verdict.headers, reason="failed_sign_ins")
        return Problem(
            "unauthenticated",
            "The token or sign-in was not accepted.",
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
            reason=reason,
        )

    def _refuse_after_failures(self, exchange: Exchange) -> None:
        verdict = self.limiter.look(limits.FAILED_SIGN_INS, exchange.address)
        if not verdict.is_allowed:
            raise self.failed("failed_sign_ins", exchange)

    def _with_roles(self, session: Session) -> Session:
        try:
            return self.sign_in.with_roles_now(session)
        except (SignInFailed, IssuerUnreachable) as error:
            self.sign_in.keeper.store.end(session.key)
            raise Problem("unauthenticated", "Your roles could not be read again. Sign in again.",
                          reason="roles") from error  # fmt: skip

    def _limit(self, limit: Limit, person: Person, exchange: Exchange) -> None:
        verdict = self.limiter.take(limit, person.subject)
        exchange.headers |= verdict.headers
        if not verdict.is_allowed:
            exchange.is_repeated = not verdict.is_first_refusal
            raise Problem("too-many-requests", headers=verdict.headers)


def _scope(request: Request, person: Person, exchange: Exchange, demand: Demand) -> Scope | None:
    """Return the scope in the tenant that the header names, else in the first of the claim."""
    tenant = request.headers.get("metriccare-tenant") or next(iter(person.tenants), None)
    if tenant is None:
        if demand.right is None:
            return None
        raise Problem("forbidden", "Your sign-in names no tenant. Ask who manages your sign-in to"
                      " add you to one.", reason="no_tenant")  # fmt: skip
    try:
        scope = scope_of(person.verified(), tenant, purpose=exchange.purpose)
    except NotAllowed as error:
        # The same words whether the tenant exists or not.
        raise Problem("forbidden", "Your sign-in has no right to that tenant.",
                      reason="tenant") from error  # fmt: skip
    exchange.tenant = tenant
    return scope


def _forbidden(right: str, person: Person) -> Problem:
    who = ", ".join(role.title for role in roles_with(right)) or "nobody"
    yours = ", ".join(role.title for role in person.roles) or "none"
    return Problem(
        "forbidden",
        f"This needs the right {right}, which these roles have: {who}. Yours: {yours}.",
        more={"right": right, "roles": [role.name for role in roles_with(right)]},
        reason="right",
    )


def _purpose(request: Request) -> str | None:
    """Return the purpose that was said; purpose-required for one that is none."""
    text = request.headers.get("metriccare-purpose")
    match = _PURPOSE.fullmatch(text) if text and text.isprintable() else None
    if match is None and text:
        raise Problem("purpose-required")
    return text if match else None


def _check_origin(request: Request, session: Session) -> None:
    """Refuse an unsafe request that a page elsewhere may have sent with our cookie."""
    sent = request.headers.get("x-csrf", "")
    site = request.headers.get("sec-fetch-site", "same-origin")
    if not hmac.compare_digest(sent.encode(), session.csrf.encode()):
        raise Problem("forbidden", "The header X-CSRF must hold the token that /v1/me gives.",
                      reason="csrf")  # fmt: skip
    if site != "same-origin" or not is_own_origin(request.headers):
        raise Problem("forbidden", "This must be sent by a page of this server.", reason="csrf")


def is_own_origin(headers: Mapping[str, str]) -> bool:
    """Return True if no origin is named, or the one of the host asked."""
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
