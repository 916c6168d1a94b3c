"""Stories told as FHIR R4 resources."""
