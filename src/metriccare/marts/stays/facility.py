"""Hospitals and wards: name, kind and time zone, worked out once for all persons of a tenant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from zoneinfo import ZoneInfo

from metriccare import naming

ACUTE = "acute"
DEPARTMENT = "department"
EMERGENCY, OBSERVATION = "emergency", "observation"


@dataclass(frozen=True, slots=True)
class OrganizationFacts:
    """What silver knows of an organisation; `kind` is a facility type or `department`."""

    id: str
    name: str | None = None
    kind: str | None = None
    part_of_id: str | None = None
    time_zone: str | None = None


@dataclass(frozen=True, slots=True)
class LocationFacts:
    """What silver knows of a location; `care` is emergency, observation or None."""

    id: str
    name: str | None = None
    kind: str | None = None
    care: str | None = None
    part_of_id: str | None = None
    organization_id: str | None = None
    time_zone: str | None = None


@cache
def zone(name: str | None) -> ZoneInfo | None:
    """Return the IANA zone of that name, or None when there is none."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


@dataclass(frozen=True)
class Facilities:
    """All facilities of a tenant, and the order in which a time zone is looked for."""

    organizations: Mapping[str, OrganizationFacts] = field(default_factory=dict)
    locations: Mapping[str, LocationFacts] = field(default_factory=dict)
    set_zones: Mapping[str, str] = field(default_factory=dict)
    default_zone: str = naming.DEFAULT_TIME_ZONE
    _zones: dict[tuple[str | None, str | None], ZoneInfo] = field(default_factory=dict, repr=False)

    def hospital_id(self, organization_id: str | None, location_id: str | None) -> str | None:
        """Return the hospital: the organisation, of a department the one it belongs to.

        Without one, the organisation that runs the location.
        """
        if organization_id is None:
            found = [p.organization_id for p in self._places(location_id) if p.organization_id]
            organization_id = found[0] if found else None
        for organization in self._chain(organization_id):
            if organization.kind != DEPARTMENT:
                return organization.id
        return organization_id

    def name(self, hospital_id: str | None) -> str | None:
        """Return a hospital's name."""
        found = self.organizations.get(hospital_id or "")
        return found.name if found else None

    def hospital_of(self) -> dict[str, str]:
        """Return each location's hospital, as far as it is known."""
        found = {id_: self.hospital_id(None, id_) for id_ in self.locations}
        return {id_: hospital for id_, hospital in found.items() if hospital is not None}

    def kind(self, hospital_id: str | None, location_id: str | None) -> str:
        """Return `acute`, or the facility type that rules a stay out."""
        found = self.organizations.get(hospital_id or "")
        if found is not None and found.kind not in (None, ACUTE, DEPARTMENT):
            return str(found.kind)
        kinds = [place.kind for place in self._places(location_id) if place.kind]
        return next((kind for kind in kinds if kind != ACUTE), ACUTE)

    def care(self, location_id: str | None) -> str | None:
        """Return `emergency` or `observation` for a place where nobody is an inpatient."""
        return next((p.care for p in self._places(location_id) if p.care), None)

    def zone_of(self, hospital_id: str | None, location_id: str | None) -> ZoneInfo:
        """Return the facility's zone: settings, Location, Organization, tenant (in that order)."""
        key = (hospital_id, location_id)
        if key not in self._zones:
            names = self._zone_names(hospital_id, location_id)
            self._zones[key] = next(found for name in names if (found := zone(name)))
        return self._zones[key]

    def _zone_names(self, hospital_id: str | None, location_id: str | None) -> list[str | None]:
        own = self._places(location_id)
        site = [
            place
            for _, place in sorted(self.locations.items())
            if hospital_id is not None and place.organization_id == hospital_id
        ]
        return [
            self.set_zones.get(hospital_id or ""),
            *[place.time_zone for place in (*own, *site)],
            *[organization.time_zone for organization in self._chain(hospital_id)],
            self.default_zone,
            naming.DEFAULT_TIME_ZONE,
        ]

    def _places(self, location_id: str | None) -> list[LocationFacts]:
        """Return the location and those it lies in, innermost first."""
        found: list[LocationFacts] = []
        place = self.locations.get(location_id or "")
        while place is not None and place not in found:
            found.append(place)
            place = self.locations.get(place.part_of_id or "")
        return found

    def _chain(self, organization_id: str | None) -> list[OrganizationFacts]:
        """Return the organisation and those it belongs to, innermost first."""
        found: list[OrganizationFacts] = []
        organization = self.organizations.get(organization_id or "")
        while organization is not None and organization not in found:
            found.append(organization)
            organization = self.organizations.get(organization.part_of_id or "")
        return found


def facilities(
    organizations: Iterable[OrganizationFacts],
    locations: Iterable[LocationFacts],
    set_zones: Mapping[str, str],
    default_zone: str,
) -> Facilities:
    """Return the lookup of a tenant's facilities."""
    return Facilities(
        {o.id: o for o in organizations}, {p.id: p for p in locations}, set_zones, default_zone
    )
