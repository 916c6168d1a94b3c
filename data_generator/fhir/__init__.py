"""Stories as FHIR R4 resources.

Minutes and hours added for recording, sending and reporting are assumed.
"""
