#!/bin/sh
# Build the packages on a fresh runner. From the locks it installs the wheel's build tool and what a
# run over a small lake imports (scripts/translate_models.py).
set -eu
python -m venv .venv
{
  sh scripts/locked_subset.sh hatchling packaging pathspec pluggy trove-classifiers editables
  sh scripts/locked_subset.sh faker rich markdown-it-py mdurl pygments typing-extensions
} > build-tools.lock
.venv/bin/pip install --quiet --require-hashes --no-deps \
  --requirement build-tools.lock --requirement requirements-small.lock
# The page, which workspaces with `serving` deploy; the others need none.
.venv/bin/python scripts/build_web.py
.venv/bin/python scripts/build_packages.py
