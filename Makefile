# MetricCare: `make demo` shows it working, `make test` checks it. Both install what they need first.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
LAKE   ?= ./lake
STAMP  := $(VENV)/.setup-done
PAGE   := src/metriccare/web/index.html
WEB    := $(shell find web -type f -not -path 'web/node_modules/*' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help setup spark demo test test-all test-spark check fmt generated bench clean

help: ## List the targets
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

setup: $(STAMP) $(PAGE) ## Install everything into .venv (needs Python 3.11 or 3.12; no Java)

$(STAMP): requirements.lock pyproject.toml scripts/setup_venv.sh
	@sh scripts/setup_venv.sh "$(PYTHON)" "$(VENV)"
	@touch $@

$(PAGE): $(WEB) requirements-node.lock | $(STAMP)
	@echo "The page of \`metriccare serve\`, from web/"
	@$(BIN)/python -m scripts.build_web

spark: setup ## Fetch the jars that Spark needs (Java 17 must be installed)
	@$(BIN)/python scripts/check_java.py
	@$(BIN)/python -m metriccare.engine.spark.jars

demo: setup ## Generate synthetic FHIR, run the pipeline, compare with the truth
	@$(BIN)/metriccare demo --lake $(LAKE)

test: setup ## Run the tests (those of the deployed stack: make twin)
	@$(BIN)/python scripts/check_java.py 2>/dev/null && $(MAKE) --no-print-directory spark || true
	@$(BIN)/python -m scripts.build_web --test
	@$(BIN)/python -m scripts.run_tests

test-all: spark ## Run every test, also the slow ones and those on Spark
	$(BIN)/python -m pytest

test-spark: spark ## Run the tests of behavior on Spark instead of DuckDB (an hour or more)
	METRICCARE_ENGINE=spark $(BIN)/python -m pytest tests/pipeline tests/upkeep tests/query/test_checks.py \
	  -m "not slow and not spark and not trino and not twin"

check: setup ## Check format, lint, types, imports, SQL, Terraform and generated files
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	@sh scripts/check_sql.sh $(BIN)
	@sh scripts/check_terraform.sh
	$(BIN)/python -m scripts.build_web --check
	$(BIN)/python -m scripts.generated --check

fmt: setup ## Format Python and Terraform
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix --quiet .
	@command -v terraform >/dev/null && terraform fmt -recursive terraform || echo "terraform is not installed: Terraform files were not formatted (docs/deploy.md)"

generated: setup ## Write the generated docs and catalog files again
	$(BIN)/python -m scripts.generated

bench: spark ## Measure times and memory (docs/performance.md)
	$(BIN)/python -m benchmarks

clean: ## Remove .venv, caches and the demo lake
	rm -rf $(VENV) .cache web/node_modules src/metriccare/web lake .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache

-include make/*.mk
