"""Whom the development issuer signs in: the settings' users, else one of each role."""

from __future__ import annotations

from collections.abc import Sequence

from metriccare.access.roles import ROLES
from metriccare.errors import UsageError
from metriccare.serve_settings import ServeUser

_NAMES = {
    "executive": "Elena Executive",
    "quality_officer": "Quentin Quality",
    "finance": "Fiona Finance",
    "provider": "Pedro Provider",
    "integrity": "Ingrid Integrity",
    "analyst": "Anna Analyst",
    "data_engineer": "Dara Engineer",
    "auditor": "Aubrey Auditor",
    "tenant_admin": "Adam Administrator",
}
SECOND_TENANT = "second"


def users_of(declared: Sequence[ServeUser], tenants: Sequence[str]) -> tuple[ServeUser, ...]:
    """Return the declared users, else one of each role and one of a second tenant.

    `tenants` are those of the lake, the first one first; UsageError for an unknown role.
    """
    known = [role.name for role in ROLES]
    for user in declared:
        if unknown := [name for name in user.roles if name not in known]:
            raise UsageError(
                f"[[serve.user]] {user.subject}: there is no role {unknown[0]!r};"
                f" known: {', '.join(known)}."
            )
    if declared:
        return tuple(declared)
    first = tenants[0]
    other = tenants[1] if len(tenants) > 1 else SECOND_TENANT
    shipped = [ServeUser(name, _NAMES[name], [name], [first]) for name in known]
    return (*shipped, ServeUser("other_quality", "Oskar Other", ["quality_officer"], [other]))


def user_with_role(users: Sequence[ServeUser], role: str) -> ServeUser:
    """Return the first user with a role; UsageError lists the roles there are."""
    found = next((user for user in users if role in user.roles), None)
    if found is None:
        there = sorted({name for user in users for name in user.roles})
        raise UsageError(f"No user has the role {role!r}; there are: {', '.join(there)}.")
    return found
