# MetricCare: `make demo` shows it working, `make test` proves it; both set the machine up first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LAKE   ?= ./lake
STAMP  := $(VENV)/.setup-done

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-all check fmt generated bench clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(STAMP) ## Install everything a machine with Python, Java 17 and make lacks
	@$(BIN)/python scripts/check_java.py

$(STAMP): requirements.lock pyproject.toml src/metriccare/spark/jars.py scripts/setup_venv.sh scripts/record_classes.py
	@sh scripts/setup_venv.sh "$(PYTHON)" "$(VENV)"
	@$(BIN)/python scripts/check_java.py
	@$(BIN)/python -m metriccare.spark.jars
	@$(BIN)/python -m scripts.record_classes
	@touch $@

demo: setup ## Generate, ingest and measure synthetic FHIR; compare with the truth
	@$(BIN)/metriccare demo --lake $(LAKE)

test: setup ## Run the test suite (the deployed stack has its own: make twin)
	@$(BIN)/python -m scripts.run_tests

test-all: setup ## Run the whole test suite and the tests that take long
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

bench: setup ## Measure; see docs/performance.md
	$(BIN)/python -m benchmarks

clean: ## Remove what setup, demo and tests made (the lake too)
	rm -rf $(VENV) .cache lake .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

-include make/*.mk
