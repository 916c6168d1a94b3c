.PHONY: package twin infra redrive smoke-aws bootstrap-account

WORKSPACE ?= dev
INFRA_TOOLS := .cache/infra-tools

package: setup ## Build the deployed packages into dist/
	@$(BIN)/python scripts/build_packages.py

twin: setup ## Test the deployed stack on a local AWS (moto), from apply to destroy
	$(BIN)/python -m pytest -m twin tests/twin --durations=10

infra: setup $(INFRA_TOOLS)/done ## Check, test and scan Terraform and the workflows
	@sh scripts/check_terraform.sh
	@$(BIN)/python scripts/terraform_tool.py test
	@$(BIN)/python scripts/scan_infrastructure.py --tools $(INFRA_TOOLS)/bin

$(INFRA_TOOLS)/done: requirements-infra.lock
	@$(PYTHON) -m venv $(INFRA_TOOLS)
	@$(INFRA_TOOLS)/bin/pip install --quiet --require-hashes --requirement requirements-infra.lock
	@touch $@

redrive: setup ## Send failed upload messages of WORKSPACE through again
	@$(BIN)/python scripts/redrive_uploads.py --workspace $(WORKSPACE)

smoke-aws: setup ## Test WORKSPACE end to end in its AWS account (minutes, about 1 USD)
	@$(BIN)/python scripts/smoke_aws.py --workspace $(WORKSPACE)

bootstrap-account: setup ## Prepare an AWS account once: state bucket, GitHub roles (REPOSITORY=owner/name)
	@$(BIN)/python scripts/bootstrap_account.py --repository $(REPOSITORY)
