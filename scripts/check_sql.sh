#!/bin/sh
# Check views and health checks: style by sqlfluff, meaning by the portable subset.
set -eu
bin=${1:-.venv/bin}
"$bin/sqlfluff" lint --nocolor --disable-progress-bar sql
"$bin/python" -m metriccare.query.portable
