"""The rules of claims over one person, as a run applies them to a row of histories."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from metriccare.engine.protocol import Row
from metriccare.incremental.context import RunContext
from metriccare.marts.claims.compute import compute
from metriccare.marts.claims.lookups import TenantLookups
from metriccare.marts.claims.person_history import history_of
from metriccare.marts.claims.rows import rows_of
from metriccare.marts.mart import Lookups
from metriccare.marts.stays.facilities import facilities_of
from metriccare.settings import Settings

_NOTHING = TenantLookups()


@dataclass(frozen=True)
class ClaimsRule:
    """The rules in force, with the dates, places, providers and rates of each tenant."""

    shared: Lookups
    settings: Settings
    by_tenant: Mapping[str, TenantLookups]
    as_of: date
    as_of_by_tenant: Mapping[str, date]

    @classmethod
    def of(
        cls, context: RunContext, shared: Lookups, by_tenant: Mapping[str, TenantLookups]
    ) -> ClaimsRule:
        """Return the rules of a run."""
        days = dict(context.as_of_by_tenant)
        return cls(shared, context.settings, by_tenant, context.as_of, days)

    def __call__(self, row: Row) -> dict[str, list[dict[str, Any]]]:
        """Return a person's rows by table."""
        tenant = row["tenant"]
        as_of = self.as_of_by_tenant.get(tenant, self.as_of)
        places = facilities_of(self.shared.places, self.settings, tenant)
        known = self.by_tenant.get(tenant, _NOTHING)
        return rows_of(compute(history_of(row, as_of, places, known, self.shared.codes)))

    def has_outcome(self, row: Row) -> bool:
        """Return False: no death or infection is decided here."""
        return False
