.PHONY: trino test-trino

trino: setup ## Fetch Trino (optional, 240 MB, needs Maven; run it with a JDK 25)
	$(BIN)/python -m metriccare.query.trino.install

test-trino: trino ## Compare every view and check on DuckDB with Trino
	$(BIN)/python -m pytest -m trino
