"""The resource types read into silver, one declaration each.

The order is the order silver writes them: those referred to come before those that refer, so
that a reference by identifier finds its target in the same run.
"""

from metriccare.fhir.declarations import Resource
from metriccare.fhir.resources.claim import CLAIM, CLAIM_RESPONSE, EXPLANATION_OF_BENEFIT
from metriccare.fhir.resources.condition import CONDITION
from metriccare.fhir.resources.coverage import COVERAGE
from metriccare.fhir.resources.encounter import ENCOUNTER
from metriccare.fhir.resources.location import LOCATION
from metriccare.fhir.resources.observation import OBSERVATION
from metriccare.fhir.resources.organization import ORGANIZATION
from metriccare.fhir.resources.patient import PATIENT
from metriccare.fhir.resources.practitioner import PRACTITIONER
from metriccare.fhir.resources.procedure import PROCEDURE
from metriccare.fhir.resources.specimen import SPECIMEN

RESOURCES: tuple[Resource, ...] = (
    ORGANIZATION,
    LOCATION,
    PRACTITIONER,
    PATIENT,
    COVERAGE,
    ENCOUNTER,
    CONDITION,
    PROCEDURE,
    SPECIMEN,
    OBSERVATION,
    CLAIM,
    CLAIM_RESPONSE,
    EXPLANATION_OF_BENEFIT,
)
BY_TYPE = {resource.type: resource for resource in RESOURCES}
