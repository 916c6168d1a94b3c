"""Who signed in, as the issuer's claims say it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metriccare import naming
from metriccare.access.roles import Role, known_roles, rights_of
from metriccare.access.scope import VerifiedSession
from metriccare.serve_settings import ClaimNames

# A claim longer than this is no list of tenants or facilities that people keep by hand.
_MOST_VALUES = 1000


@dataclass(frozen=True)
class Person:
    """A person or program that signed in, with the claims that count.

    `client` is the program that asked for the token. `facilities` is None where the claim is
    absent: then all of the tenant's may be seen.
    """

    subject: str
    name: str
    tenants: tuple[str, ...]
    roles: tuple[Role, ...]
    facilities: tuple[str, ...] | None = None
    provider: str | None = None
    client: str | None = None

    @property
    def rights(self) -> frozenset[str]:
        """Return what the person may do in each of their tenants."""
        return rights_of(self.roles)

    @property
    def role(self) -> str:
        """Return the roles as one word, for logs and the audit."""
        return "+".join(role.name for role in self.roles) or "none"

    def verified(self) -> VerifiedSession:
        """Return what a scope is made from."""
        return VerifiedSession(self.tenants, self.role, self.rights, self.facilities, self.provider)


def person_of(claims: Mapping[str, Any], names: ClaimNames) -> Person:
    """Return the person that verified claims describe.

    No claim, no right: unknown roles and impossible tenant names are left out.
    """
    subject = str(claims["sub"])
    tenants = _values(claims.get(names.tenants))
    provider = claims.get(names.provider)
    client = claims.get("client_id") or claims.get("azp")
    return Person(
        subject=subject,
        name=str(claims.get(names.name) or subject),
        tenants=tuple(t for t in tenants if naming.TENANT_NAME.fullmatch(t)),
        roles=known_roles(_values(claims.get(names.roles))),
        facilities=_values(claims[names.facilities]) if names.facilities in claims else None,
        provider=provider if isinstance(provider, str) and provider else None,
        client=str(client) if client else None,
    )


def _values(claim: object) -> tuple[str, ...]:
    """Return a claim's words: a list, or one text with commas or spaces as Cognito sends it."""
    if isinstance(claim, str):
        words = claim.replace(",", " ").split()
    elif isinstance(claim, list):
        words = [word for word in claim if isinstance(word, str)]
    else:
        words = []
    return tuple(dict.fromkeys(words[:_MOST_VALUES]))
