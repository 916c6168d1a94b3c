#!/bin/sh
# Make the virtual environment from the lock: by uv where it is installed, else by venv and pip.
set -eu
python=$1
venv=$2
if ! "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 13))'; then
  echo "MetricCare needs Python 3.11 or 3.12; $python is $("$python" -V). Run: make setup PYTHON=python3.11" >&2
  exit 1
fi

step() {
  echo "[$1 of 4] $2"
}

# Runs a command that lists what it does, and shows one line for each package in its way to $venv.
# The shell has no pipefail: the command's own failure is passed on through a file.
install() {
  failed="$venv/.setup-failed"
  rm -f "$failed"
  { "$@" 2>&1 || touch "$failed"; } | sed -nE \
    -e 's/^Collecting ([^ ]+).*/      fetching \1/p' \
    -e 's/^Installing collected packages:.*/      unpacking all of them; the slowest part/p' \
    -e '/^(ERROR|error|WARNING|warning)/p' -e '/^  *(×|╰)/p'
  if [ -e "$failed" ]; then
    rm -f "$failed"
    echo "Setting up $venv failed; the lines above say why. Run again what you ran." >&2
    exit 1
  fi
}

packages=$(grep -cE '^[a-zA-Z0-9]' requirements.lock)
began=$(date +%s)
step 1 "Python environment in $venv ($("$python" -V))"
if command -v uv >/dev/null 2>&1; then
  [ -d "$venv" ] || uv venv --quiet --python "$python" "$venv"
  step 2 "Tool that installs: $(uv --version)"
  step 3 "$packages packages, each checked against its hash (a few minutes the first time)"
  # uv draws its own progress where there is a terminal.
  uv pip install --python "$venv/bin/python" --require-hashes -r requirements.lock
  step 4 "MetricCare itself, from this folder"
  uv pip install --quiet --python "$venv/bin/python" --no-deps --no-build-isolation -e .
else
  [ -d "$venv" ] || "$python" -m venv "$venv"
  pip="$venv/bin/python -m pip install --disable-pip-version-check"
  step 2 "Tool that installs: $("$venv/bin/python" -m pip --version | cut -d' ' -f1,2)"
  step 3 "$packages packages, each checked against its hash (a few minutes the first time)"
  install $pip --progress-bar off --require-hashes -r requirements.lock
  step 4 "MetricCare itself, from this folder"
  install $pip --quiet --no-deps --no-build-isolation -e .
fi
echo "Ready after $(($(date +%s) - began)) seconds."
