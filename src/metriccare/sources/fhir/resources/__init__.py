"""The resource types read into silver, one declaration each.

The order is the order silver writes them: those referred to come before those that refer, so
that a reference by identifier finds its target in the same run.
"""

from metriccare.sources.fhir.declarations import Resource
from metriccare.sources.fhir.resources.account import ACCOUNT, INVOICE
from metriccare.sources.fhir.resources.charge_item import CHARGE_ITEM
from metriccare.sources.fhir.resources.claim import CLAIM, CLAIM_RESPONSE, EXPLANATION_OF_BENEFIT
from metriccare.sources.fhir.resources.condition import CONDITION
from metriccare.sources.fhir.resources.coverage import COVERAGE
from metriccare.sources.fhir.resources.encounter import ENCOUNTER
from metriccare.sources.fhir.resources.location import LOCATION
from metriccare.sources.fhir.resources.observation import OBSERVATION
from metriccare.sources.fhir.resources.organization import ORGANIZATION
from metriccare.sources.fhir.resources.patient import PATIENT
from metriccare.sources.fhir.resources.payment_reconciliation import PAYMENT_RECONCILIATION
from metriccare.sources.fhir.resources.practitioner import PRACTITIONER
from metriccare.sources.fhir.resources.practitioner_role import PRACTITIONER_ROLE
from metriccare.sources.fhir.resources.procedure import PROCEDURE
from metriccare.sources.fhir.resources.specimen import SPECIMEN

RESOURCES: tuple[Resource, ...] = (
    ORGANIZATION,
    LOCATION,
    PRACTITIONER,
    PRACTITIONER_ROLE,
    PATIENT,
    COVERAGE,
    ENCOUNTER,
    CONDITION,
    PROCEDURE,
    SPECIMEN,
    OBSERVATION,
    ACCOUNT,
    CHARGE_ITEM,
    INVOICE,
    CLAIM,
    CLAIM_RESPONSE,
    EXPLANATION_OF_BENEFIT,
    PAYMENT_RECONCILIATION,
)
BY_TYPE = {resource.type: resource for resource in RESOURCES}
