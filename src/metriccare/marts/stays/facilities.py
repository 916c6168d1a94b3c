"""Hospitals and wards as the measures look them up, by tenant; few enough for every process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from metriccare.engine.protocol import Engine, RelationT, Row
from metriccare.marts.stays.codesets import CodeSets
from metriccare.marts.stays.facility import (
    Facilities,
    LocationFacts,
    OrganizationFacts,
    facilities,
)
from metriccare.marts.stays.history import Coding
from metriccare.settings import Settings
from metriccare.tables import silver as tables

_ORGANIZATIONS = (
    "select tenant, id, name, type_codings, part_of_id, time_zone from organization"
    " where not deleted"
)
_LOCATIONS = (
    "select tenant, id, name, type_codings, part_of_id, managing_organization_id, time_zone"
    " from location where not deleted"
)


def facilities_by_tenant(
    engine: Engine[RelationT], settings: Settings, codes: CodeSets
) -> Mapping[str, Facilities]:
    """Return each tenant's facilities, with their kinds by the code sets."""
    organization = engine.read(tables.BY_RESOURCE["Organization"])
    location = engine.read(tables.BY_RESOURCE["Location"])
    organizations = _by_tenant(engine.rows(engine.sql(_ORGANIZATIONS, organization=organization)))
    locations = _by_tenant(engine.rows(engine.sql(_LOCATIONS, location=location)))
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
    known = places.get(tenant)
    if known is not None:
        return known
    return facilities((), (), settings.facility_time_zones, settings.time_zone(tenant))


def _by_tenant(rows: Iterable[Row]) -> dict[str, list[Row]]:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row["tenant"], []).append(row)
    return grouped


def _organization(row: Row, codes: CodeSets) -> OrganizationFacts:
    kind = codes["facility_types"].value(_codings(row["type_codings"]))
    return OrganizationFacts(row["id"], row["name"], kind, row["part_of_id"], row["time_zone"])


def _location(row: Row, codes: CodeSets) -> LocationFacts:
    codings = _codings(row["type_codings"])
    return LocationFacts(
        id=row["id"],
        name=row["name"],
        kind=codes["facility_types"].value(codings),
        care=codes["care_places"].value(codings),
        part_of_id=row["part_of_id"],
        organization_id=row["managing_organization_id"],
        time_zone=row["time_zone"],
    )


def _codings(rows: Sequence[Row | None] | None) -> tuple[Coding, ...]:
    return tuple(Coding(r["system"], r["code"], r["display"]) for r in rows or () if r is not None)
