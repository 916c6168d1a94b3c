"""Stories as FHIR R4 resources."""
