"""MetricCare: hospital FHIR data to quality measures anyone can check."""

__version__ = "0.1.0"
