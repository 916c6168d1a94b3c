"""The scope of one reader: whose data, which rights, which part of it.

Every read of published rows or evidence takes a scope; none works without one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from metriccare.access.rights import SMALL_READ
from metriccare.errors import MetricCareError

# The operator of a lake on this machine, who can read its files anyway.
OPERATOR = "operator"


class NotAllowed(MetricCareError):
    """A reader asked for something that no right of theirs covers."""

    exit_code = 2


@dataclass(frozen=True)
class Scope:
    """What one reader may read: one tenant, by some rights, perhaps only some facilities.

    `facilities` and `provider` are None if everything of the tenant may be seen. `small_counts` is
    True if the reader asked for unsuppressed results and may see them. `purpose` is what they said
    they need the data for.
    """

    tenant: str
    role: str
    rights: frozenset[str]
    facilities: tuple[str, ...] | None
    provider: str | None
    small_counts: bool
    purpose: str | None

    def require(self, right: str) -> None:
        """Raise NotAllowed unless the scope has a right."""
        if right not in self.rights:
            raise NotAllowed(f"The role {self.role} may not read this: it needs {right}.")


@dataclass(frozen=True)
class VerifiedSession:
    """What a verified sign-in says of a person: `tenants` and `rights` come from its claims.

    `role` is one word for people and logs; `rights` are those of all their roles.
    """

    tenants: tuple[str, ...]
    role: str
    rights: frozenset[str]
    facilities: tuple[str, ...] | None = None
    provider: str | None = None


def scope_of(
    session: VerifiedSession, tenant: str, *, wants_small: bool = False, purpose: str | None = None
) -> Scope:
    """Return the scope of a session in one of its tenants; NotAllowed for another tenant.

    An empty list of facilities admits no facility. Small counts need their right and a purpose.
    """
    if not tenant or tenant not in session.tenants:
        raise NotAllowed("This sign-in has no right to that tenant.")
    if wants_small and (SMALL_READ not in session.rights or not purpose):
        raise NotAllowed(f"Small counts need {SMALL_READ} and a purpose.")
    return Scope(
        tenant=tenant,
        role=session.role,
        rights=session.rights,
        facilities=session.facilities,
        provider=session.provider,
        small_counts=wants_small,
        purpose=purpose,
    )


def operator_scope(tenant: str, rights: Collection[str]) -> Scope:
    """Return the scope of who can read the lake's files on this machine: all of one tenant."""
    session = VerifiedSession((tenant,), OPERATOR, frozenset(rights))
    return scope_of(session, tenant)
