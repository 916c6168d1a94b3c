"""What the gates judge: counts and dates of a tenant's computed results, without any content."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

# What cannot be said to be one tenant's is every tenant's.
_NO_TENANT = ""


class Subject(NamedTuple):
    """What was measured: the tenant, and its table, file or measure."""

    tenant: str
    name: str


class Counted(NamedTuple):
    """Two numbers that should be equal."""

    wanted: int
    found: int


class Sizes(NamedTuple):
    """The size of one measure's base: candidates it judged and those that count."""

    candidates: int
    denominator: int


class Share(NamedTuple):
    """A part of a whole that a gate may doubt: rows or amounts.

    `published` is the share that the last publication had.
    """

    gate: str
    part: Decimal
    whole: Decimal
    published: Decimal = Decimal(0)


class Uncomputed(NamedTuple):
    """How many of a tenant's persons could not be computed, and of how many.

    `unseen` are those whose computation did not fail at the last publication; `unseen_outcomes`
    those of them with a death or an infection.
    """

    persons: int
    of: int
    unseen: int
    unseen_outcomes: int


@dataclass(frozen=True)
class Measured:
    """What the gates measure, by tenant and subject.

    `keys`: rows and distinct keys of each gold table. `contents`: bytes of each processed file and
    those its reader accounts for. `files`: records tracked and stored of each of them.
    `resources`: resources received and kept, of the types where one is missing. `before` and
    `after`: the published and the computed size of each measure. `newest` and `as_of`: day of the
    newest arrival and of the results, by tenant. `uncomputed`: persons not computed, by
    tenant. `violations`: sums that do not hold, by tenant and gate. `shares`: parts of a whole that
    a gate may doubt.
    """

    keys: Mapping[Subject, Counted] = field(default_factory=dict)
    contents: Mapping[Subject, Counted] = field(default_factory=dict)
    files: Mapping[Subject, Counted] = field(default_factory=dict)
    resources: Mapping[Subject, Counted] = field(default_factory=dict)
    before: Mapping[Subject, Sizes] = field(default_factory=dict)
    after: Mapping[Subject, Sizes] = field(default_factory=dict)
    newest: Mapping[str, date] = field(default_factory=dict)
    as_of: Mapping[str, date] = field(default_factory=dict)
    uncomputed: Mapping[str, Uncomputed] = field(default_factory=dict)
    violations: Mapping[Subject, Counted] = field(default_factory=dict)
    shares: Mapping[Subject, Share] = field(default_factory=dict)

    def by_tenant(self) -> dict[str, Measured]:
        """Return what was measured of each tenant; what names no tenant counts for every one."""
        parts: dict[str, dict[str, dict[Any, Any]]] = {}
        for measurement in fields(self):
            for key, value in getattr(self, measurement.name).items():
                tenant = key.tenant if isinstance(key, Subject) else key
                parts.setdefault(tenant, {}).setdefault(measurement.name, {})[key] = value
        shared = parts.pop(_NO_TENANT, {})
        for name, values in shared.items():
            for part in parts.values():
                part.setdefault(name, {}).update(values)
        if shared and not parts:
            parts = {_NO_TENANT: shared}
        return {tenant: Measured(**part) for tenant, part in sorted(parts.items())}
