#!/bin/sh
# Create the virtual environment from the lock, with uv where it is installed, else with venv and pip.
set -eu
python=$1
venv=$2
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))'; then
  echo "MetricCare needs Python 3.11 or 3.12; $python is $("$python" -V). Run: make setup PYTHON=python3.11" >&2
  exit 1
fi
echo "Setting up $venv (a few minutes the first time)"
if command -v uv >/dev/null 2>&1; then
  [ -d "$venv" ] || uv venv --quiet --python "$python" "$venv"
  uv pip install --quiet --python "$venv/bin/python" --require-hashes -r requirements.lock
  uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation -e .
else
  [ -d "$venv" ] || "$python" -m venv "$venv"
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
  "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
fi
