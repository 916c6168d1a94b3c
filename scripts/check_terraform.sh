#!/bin/sh
# Check format, validity and mock tests of terraform/; lint where tflint is installed.
set -eu
python="${PYTHON:-.venv/bin/python}"
command -v terraform >/dev/null || { echo "terraform is not installed (docs/deploy.md): Terraform was not checked"; exit 0; }
"$python" scripts/terraform_tool.py validate
"$python" scripts/terraform_tool.py test
sh scripts/lint_terraform.sh
