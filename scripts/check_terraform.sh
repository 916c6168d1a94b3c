#!/bin/sh
# Check format and validity of terraform/; lint where tflint is installed. Its tests are part of `make test`.
set -eu
python="${PYTHON:-.venv/bin/python}"
command -v terraform >/dev/null || { echo "terraform is not installed (docs/deploy.md): Terraform was not checked"; exit 0; }
"$python" scripts/terraform_tool.py validate
sh scripts/lint_terraform.sh
