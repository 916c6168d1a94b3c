.PHONY: hl7

hl7: setup ## Test with HL7's 5,306 R4 examples (fetches them by npm, 190 MB)
	METRICCARE_HL7_EXAMPLES=.cache/hl7 $(BIN)/python -m pytest tests/end_to_end/test_hl7_examples.py
