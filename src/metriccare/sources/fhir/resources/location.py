"""Location: a place where care is given. Source: FHIR R4 Location."""

from metriccare.sources.fhir.codings import concept, concepts
from metriccare.sources.fhir.declarations import SHAPE_CONCEPT, SHAPE_REFERENCE, Reference, Resource
from metriccare.sources.fhir.elements import fields, text, time_zone
from metriccare.sources.fhir.reference_elements import reference

_PART_OF = Reference("part_of", "Location")
_MANAGER = Reference("managing_organization", "Organization")

LOCATION = Resource(
    type="Location",
    table="location",
    meaning="one row per ward, room or site",
    shape=(
        f"status STRING, name STRING, type ARRAY<{SHAPE_CONCEPT}>, physicalType {SHAPE_CONCEPT},"
        f" partOf {SHAPE_REFERENCE}, managingOrganization {SHAPE_REFERENCE}"
    ),
    fields=fields(
        text("status", "r.status", "active, suspended or inactive"),
        text("name", "r.name", "name"),
        concepts("type", "r.type", "function performed there"),
        concept("physical_type", "r.physicalType", "ward, room, bed, site ..."),
        reference(_PART_OF, "r.partOf", "the location it is part of"),
        reference(_MANAGER, "r.managingOrganization", "the organisation that runs it"),
        time_zone(),
    ),
    references=(_PART_OF, _MANAGER),
    expected=("name", "managing_organization_id"),
)
