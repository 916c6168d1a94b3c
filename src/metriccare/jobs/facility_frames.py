"""Hospitals and wards as the measures look them up, by tenant; few enough for every task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pyspark.sql import DataFrame

from metriccare.jobs.person_frames import Silver
from metriccare.measures.codesets import CodeSets
from metriccare.measures.facility import (
    Facilities,
    LocationFacts,
    OrganizationFacts,
    facilities,
)
from metriccare.measures.history import Coding
from metriccare.settings import Settings


def facilities_by_tenant(
    silver: Silver, settings: Settings, codes: CodeSets
) -> Mapping[str, Facilities]:
    """Return each tenant's facilities, with their kinds by the code sets."""
    organizations = _by_tenant(
        silver["Organization"].select(
            "tenant", "id", "name", "type_codings", "part_of_id", "time_zone"
        )
    )
    locations = _by_tenant(
        silver["Location"].select(
            "tenant",
            "id",
            "name",
            "type_codings",
            "part_of_id",
            "managing_organization_id",
            "time_zone",
        )
    )
    return {
        tenant: facilities(
            [_organization(row, codes) for row in organizations.get(tenant, ())],
            [_location(row, codes) for row in locations.get(tenant, ())],
            settings.facility_time_zones,
            settings.time_zone(tenant),
        )
        for tenant in sorted(organizations.keys() | locations.keys())
    }


def facilities_of(places: Mapping[str, Facilities], settings: Settings, tenant: str) -> Facilities:
    """Return a tenant's facilities; one that sent none still has the zones of its settings."""
    found = places.get(tenant)
    if found is not None:
        return found
    return facilities((), (), settings.facility_time_zones, settings.time_zone(tenant))


def _by_tenant(rows: DataFrame) -> dict[str, list[Any]]:
    grouped: dict[str, list[Any]] = {}
    for row in rows.collect():
        grouped.setdefault(row.tenant, []).append(row)
    return grouped


def _organization(row: Any, codes: CodeSets) -> OrganizationFacts:
    kind = codes["facility_types"].value(_codings(row.type_codings))
    return OrganizationFacts(row.id, row.name, kind, row.part_of_id, row.time_zone)


def _location(row: Any, codes: CodeSets) -> LocationFacts:
    codings = _codings(row.type_codings)
    return LocationFacts(
        id=row.id,
        name=row.name,
        kind=codes["facility_types"].value(codings),
        care=codes["care_places"].value(codings),
        part_of_id=row.part_of_id,
        organization_id=row.managing_organization_id,
        time_zone=row.time_zone,
    )


def _codings(rows: Sequence[Any] | None) -> tuple[Coding, ...]:
    return tuple(Coding(r.system, r.code, r.display) for r in rows or () if r is not None)
