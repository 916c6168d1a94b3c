"""Code systems, and FHIR elements that many resources share."""

from __future__ import annotations

from typing import Any

Resource = dict[str, Any]

TERMINOLOGY = "http://terminology.hl7.org/CodeSystem"
ACT_CODE = f"{TERMINOLOGY}/v3-ActCode"
SNOMED = "http://snomed.info/sct"
ICD10 = "http://hl7.org/fhir/sid/icd-10-cm"
ICD10_PCS = "http://www.cms.gov/Medicare/Coding/ICD10"
LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"
NPI = "http://hl7.org/fhir/sid/us-npi"
TAX_ID = "urn:oid:2.16.840.1.113883.4.4"
NUBC_DISPOSITION = "https://www.nubc.org/CodeSystem/PatDischargeStatus"
NUBC_DISPOSITION_OLD = "http://www.nubc.org/patient-discharge"
NUBC_ORIGIN = "https://www.nubc.org/CodeSystem/PointOfOrigin"
NUBC_REVENUE = "https://www.nubc.org/CodeSystem/RevenueCodes"
HCPCS = "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"
CLAIM_REASON = "https://x12.org/codes/claim-adjustment-reason-codes"
GROUP_CODE = "https://x12.org/codes/claim-adjustment-group-codes"
REMARK_CODE = "https://x12.org/codes/remittance-advice-remark-codes"
NUBC_TYPE_OF_BILL = "https://www.nubc.org/CodeSystem/TypeOfBill"
PLACE_OF_SERVICE = (
    "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"
)
MS_DRG = "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/AcuteInpatientPPS/MS-DRG-Classifications-and-Software"
NUCC = "http://nucc.org/provider-taxonomy"
SOPT = "https://nahdo.org/sopt"
CMS_POA = "https://www.cms.gov/Medicare/Medicare-Fee-for-Service-Payment/HospitalAcqCond/Coding"
BASE = "https://ohio-valley.example/fhir"
# Where CPT would be: codes of our own, because CPT may not be distributed.
DEMO_SERVICES = f"{BASE}/CodeSystem/demo-services"
# Sources of records (meta.source), besides the feed of each hospital.
EXCHANGE = f"{BASE}/feed/exchange"
REGISTRY = f"{BASE}/feed/registry"
VITAL_RECORDS = f"{BASE}/feed/vital-records"
TIMEZONE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/timezone"
POA_EXTENSION = (
    "http://hl7.org/fhir/us/qicore/StructureDefinition/qicore-encounter-diagnosisPresentOnAdmission"
)


def coding(system: str, code: str, display: str | None = None) -> Resource:
    """Return a Coding."""
    if display is None:
        return {"system": system, "code": code}
    return {"system": system, "code": code, "display": display}


def concept(system: str, code: str, display: str | None = None) -> Resource:
    """Return a CodeableConcept with one coding."""
    return {"coding": [coding(system, code, display)]}


def term(name: str, code: str, display: str | None = None) -> Resource:
    """Return a CodeableConcept of an HL7 terminology code system."""
    return concept(f"{TERMINOLOGY}/{name}", code, display)


def clinical(icd10: str | None, snomed: str | None, label: str) -> Resource:
    """Return a diagnosis coded in ICD-10-CM, SNOMED CT or both."""
    codings = []
    if snomed is not None:
        codings.append(coding(SNOMED, snomed, label))
    if icd10 is not None:
        codings.append(coding(ICD10, icd10, label))
    return {"coding": codings, "text": label}


def reference(resource_type: str, id_: str) -> Resource:
    """Return a relative reference."""
    return {"reference": f"{resource_type}/{id_}"}


def dollars(cents: int) -> Resource:
    """Return Money in US dollars."""
    return {"value": cents / 100, "currency": "USD"}
