#!/bin/sh
# Build the packages on a fresh runner: only the wheel's build tool is needed, from the lock.
set -eu
python -m venv .venv
sh scripts/locked_subset.sh hatchling packaging pathspec pluggy trove-classifiers editables > build-tools.lock
.venv/bin/pip install --quiet --require-hashes --no-deps --requirement build-tools.lock
.venv/bin/python scripts/build_packages.py
