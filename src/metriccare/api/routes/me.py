"""Who is signed in, and what they may do."""

from __future__ import annotations

from datetime import UTC, datetime

from metriccare.api.encoding import instant
from metriccare.api.endpoint import Call, Endpoint, Open, Reply

_SCHEMA = {
    "type": "object",
    "required": ["subject", "name", "tenant", "tenants", "roles", "rights"],
    "properties": {
        "subject": {"type": "string"},
        "name": {"type": "string"},
        "tenant": {"type": ["string", "null"]},
        "tenants": {"type": "array", "items": {"type": "string"}},
        "roles": {"type": "array", "items": {"type": "string"}},
        "role_titles": {"type": "array", "items": {"type": "string"}},
        "lands_on": {"type": "string"},
        "rights": {"type": "array", "items": {"type": "string"}},
        "facilities": {"type": ["array", "null"], "items": {"type": "string"}},
        "provider": {"type": ["string", "null"]},
        "session_ends_at": {"type": ["string", "null"], "format": "date-time"},
        "session_idle_seconds": {"type": ["integer", "null"]},
        "locale": {"type": "string"},
        "csrf_token": {"type": ["string", "null"]},
        "events": {"type": "string", "enum": ["stream", "poll"]},
        "development": {"type": "boolean"},
    },
}


def me(call: Call) -> Reply:
    """Return the caller: names, tenants, rights, and when the session ends."""
    person, session, scope = call.known.person, call.known.session, call.known.scope
    ends = datetime.fromtimestamp(session.ends_at, UTC) if session else None
    return Reply(
        {
            "subject": person.subject,
            "name": person.name,
            "tenant": scope.tenant if scope else None,
            "tenants": person.tenants,
            "roles": [role.name for role in person.roles],
            "role_titles": [role.title for role in person.roles],
            "lands_on": next((role.lands_on for role in person.roles), "overview"),
            "rights": sorted(person.rights),
            "facilities": person.facilities,
            "provider": person.provider,
            "session_ends_at": instant(ends) if ends else None,
            "session_idle_seconds": (
                int(call.services.sign_in.keeper.lifetimes.idle) if session else None
            ),
            "locale": _locale(call.request.headers.get("accept-language", "")),
            "csrf_token": session.csrf if session else None,
            "events": "stream" if call.services.streams else "poll",
            "development": call.services.is_development,
        }
    )


def _locale(accepted: str) -> str:
    """Return the language a browser likes best, as it spells it."""
    first = accepted.partition(",")[0].partition(";")[0].strip()
    is_plain = 1 < len(first) <= 35 and first.replace("-", "").isalnum() and first.isascii()
    return first if is_plain else "en-US"


ENDPOINTS = (
    Endpoint("/v1/me", me, Open.SIGNED_IN, "Who is signed in, with their rights", schema=_SCHEMA),
)
