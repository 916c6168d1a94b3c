.PHONY: package twin infra redrive smoke-aws bootstrap-account

WORKSPACE ?= dev
INFRA_TOOLS := .cache/infra-tools

package: setup ## Build what AWS runs: dist/the zips of the functions and the bundle of wheels
	@$(BIN)/python scripts/build_packages.py

twin: setup ## Deploy to a local AWS (moto), upload, query, read the alerts, destroy
	$(BIN)/python -m pytest -m twin tests/twin --durations=10

infra: setup $(INFRA_TOOLS)/done ## Check and scan Terraform and the workflows
	@sh scripts/check_terraform.sh
	@$(BIN)/python scripts/scan_infrastructure.py --tools $(INFRA_TOOLS)/bin

$(INFRA_TOOLS)/done: requirements-infra.lock
	@$(PYTHON) -m venv $(INFRA_TOOLS)
	@$(INFRA_TOOLS)/bin/pip install --quiet --require-hashes --requirement requirements-infra.lock
	@touch $@

redrive: setup ## Send the dead letters of WORKSPACE's uploads through again
	@$(BIN)/python scripts/redrive_uploads.py --workspace $(WORKSPACE)

smoke-aws: setup ## The whole journey in a real account: costs minutes and about a dollar
	@$(BIN)/python scripts/smoke_aws.py --workspace $(WORKSPACE)

bootstrap-account: setup ## Once per account: state bucket, GitHub roles (REPOSITORY=owner/name)
	@$(BIN)/python scripts/bootstrap_account.py --repository $(REPOSITORY)
