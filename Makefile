# MetricCare: `make demo` shows it working, `make test` proves it; both set the machine up first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LAKE   ?= ./lake
STAMP  := $(VENV)/.setup-done

.DEFAULT_GOAL := help
.PHONY: help setup spark demo test test-all check fmt generated bench clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## Install everything a machine with Python and make lacks (no Java needed)

$(STAMP): requirements.lock pyproject.toml scripts/setup_venv.sh
	@sh scripts/setup_venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

spark: setup ## Fetch what Spark needs besides Java 17, for data that one process cannot take
	@$(BIN)/python scripts/check_java.py
	@$(BIN)/python -m metriccare.engine.spark.jars

demo: setup ## Generate, ingest and measure synthetic FHIR; compare with the truth
	@$(BIN)/metriccare demo --lake $(LAKE)

test: setup ## Run the test suite (the deployed stack has its own: make twin)
	@$(BIN)/python scripts/check_java.py 2>/dev/null && $(MAKE) --no-print-directory spark || true
	@$(BIN)/python -m scripts.run_tests

test-all: spark ## Run the whole test suite and the tests that take long
	$(BIN)/python -m pytest

check: setup ## Format, lint, types, import contracts, SQL, Terraform, generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@sh scripts/check_sql.sh $(BIN)
	@sh scripts/check_terraform.sh
	$(BIN)/python -m scripts.generated --check

fmt: setup ## Format Python and Terraform
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --quiet .
	@command -v terraform >/dev/null && terraform fmt -recursive terraform || echo "terraform is not installed; its files were left alone"

generated: setup ## Write the generated files anew
	$(BIN)/python -m scripts.generated

bench: spark ## Measure; see docs/performance.md
	$(BIN)/python -m benchmarks

clean: ## Remove what setup, demo and tests made (the lake too)
	rm -rf $(VENV) .cache lake .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

-include make/*.mk
