"""The roles and what each may do, declared once.

Source: serving specification 4.3, governance specification 2.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Masking(StrEnum):
    """How identifying columns appear to a role."""

    CLEAR = "clear"
    MASKED = "masked"
    # No record of a person is shown at all.
    NONE = "none"


@dataclass(frozen=True)
class Role:
    """One role: its rights, the page it begins on, and how identifying columns appear to it."""

    name: str
    title: str
    rights: frozenset[str]
    lands_on: str
    masking: Masking


def _role(name: str, title: str, rights: str, lands_on: str, masking: Masking) -> Role:
    return Role(name, title, frozenset(rights.split()), lands_on, masking)


ROLES: tuple[Role, ...] = (
    _role(
        "executive",
        "Executive",
        "marts:read quality:read providers:read export",
        "overview",
        Masking.MASKED,
    ),
    _role(
        "quality_officer",
        "Quality officer",
        "marts:read quality:read quality:evidence quality:override small:read export",
        "measures",
        Masking.CLEAR,
    ),
    _role(
        "finance",
        "Finance",
        "marts:read finance:read finance:evidence export",
        "revenue",
        Masking.MASKED,
    ),
    _role("provider", "Provider", "marts:read provider:own", "provider", Masking.NONE),
    _role(
        "integrity",
        "Payment integrity",
        "marts:read integrity:read integrity:review finance:evidence",
        "leads",
        Masking.MASKED,
    ),
    _role(
        "analyst",
        "Analyst",
        "marts:read quality:read finance:read providers:read export",
        "overview",
        Masking.MASKED,
    ),
    _role("data_engineer", "Data engineer", "marts:read ops:read", "runs", Masking.MASKED),
    _role("auditor", "Auditor", "audit:read", "audit", Masking.NONE),
    _role("tenant_admin", "Administrator", "tenant:admin", "access", Masking.NONE),
)
BY_NAME = {role.name: role for role in ROLES}


def known_roles(names: Iterable[str]) -> tuple[Role, ...]:
    """Return the roles that exist, in declared order; an unknown name gives nothing."""
    wanted = set(names)
    return tuple(role for role in ROLES if role.name in wanted)


def rights_of(roles: Iterable[Role]) -> frozenset[str]:
    """Return every right that one of the roles has."""
    return frozenset(right for role in roles for right in role.rights)


def roles_with(right: str) -> tuple[Role, ...]:
    """Return the roles that have a right, in declared order."""
    return tuple(role for role in ROLES if right in role.rights)
