#!/bin/sh
# Lint Terraform with tflint and its AWS rules; one line where tflint is absent.
set -eu
cd "$(dirname "$0")/../terraform"
if ! command -v tflint >/dev/null; then
  echo "tflint is not installed (https://github.com/terraform-linters/tflint); its lint was left out"
  exit 0
fi
tflint --init
tflint --recursive --config "$PWD/.tflint.hcl"
