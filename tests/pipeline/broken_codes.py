"""A hospital's own code set on which the rules fail: its range has three ends."""

BROKEN_CODES = {
    "name": "planned_diagnoses",
    "version": "1",
    "date": "2024-01-01",
    "source": "a hospital",
    "checked": "no",
    "codes": [{"value": "acute", "system": "icd10cm", "code": "C00-C97-D01", "label": "cancers"}],
}
