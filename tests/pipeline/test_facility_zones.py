"""The zone a tenant's stays are dated in when it has sent no hospital at all."""

from __future__ import annotations

from metriccare.marts.stays.facilities import facilities_of
from metriccare.marts.stays.facility import Facilities
from metriccare.settings import Settings, TenantSettings


def test_a_tenant_without_organisations_keeps_the_zones_of_its_settings() -> None:
    settings = Settings(
        tenants={"west": TenantSettings("America/Los_Angeles")},
        facility_time_zones={"H9": "America/Denver"},
    )
    found = facilities_of({"east": Facilities()}, settings, "west")
    assert found.zone_of(None, None).key == "America/Los_Angeles"
    assert found.zone_of("H9", None).key == "America/Denver"
    assert facilities_of({}, settings, "other").zone_of(None, None).key == "America/New_York"
