#!/bin/sh
# Lint Terraform with tflint and its AWS rules; print one line where tflint is missing.
set -eu
cd "$(dirname "$0")/../terraform"
if ! command -v tflint >/dev/null; then
  echo "tflint is not installed (https://github.com/terraform-linters/tflint): Terraform was not linted"
  exit 0
fi
tflint --init
tflint --recursive --config "$PWD/.tflint.hcl"
