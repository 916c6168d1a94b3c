"""Organization: a hospital or other provider. Source: FHIR R4 Organization."""

from metriccare.sources.fhir.codings import concepts
from metriccare.sources.fhir.declarations import (
    SHAPE_CONCEPT,
    SHAPE_REFERENCE,
    SHAPE_TYPED_IDENTIFIERS,
    Reference,
    Resource,
)
from metriccare.sources.fhir.elements import (
    boolean,
    fields,
    in_use,
    npi,
    shared,
    tax_id,
    text,
    time_zone,
)
from metriccare.sources.fhir.reference_elements import reference

# Of several the address in use: where the organisation is, not where it was or is billed.
_ADDRESS = in_use("r.address", ("work",), ("old", "temp", "billing"))
_PART_OF = Reference("part_of", "Organization")

ORGANIZATION = Resource(
    type="Organization",
    table="organization",
    meaning="one row per hospital, facility or other organisation",
    shape=(
        f"active STRING, type ARRAY<{SHAPE_CONCEPT}>, name STRING, partOf {SHAPE_REFERENCE},"
        " address ARRAY<STRUCT<use:STRING,state:STRING,postalCode:STRING>>,"
        f" {SHAPE_TYPED_IDENTIFIERS}"
    ),
    fields=fields(
        boolean("active", "r.active", "the organisation is in use"),
        text("name", "r.name", "name"),
        concepts("type", "r.type", "kind of organisation"),
        reference(_PART_OF, "r.partOf", "the organisation it belongs to"),
        (shared("one_address", _ADDRESS),),
        text("state", "one_address.state", "state"),
        text("postal_code", "one_address.postalCode", "postal code"),
        time_zone(),
    ),
    references=(_PART_OF,),
    added=fields(npi(), tax_id()),
    expected=("name",),
)
