"""A small run that many tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_generator import GeneratorConfig, generate

DAYS = 4


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the output folder of a history with daily folders after it."""
    out = tmp_path_factory.mktemp("generator") / "out"
    generate(GeneratorConfig(out, patients=550, seed=42, days=DAYS))
    return out


@pytest.fixture(scope="session")
def plain_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run as above whose claims have no detail."""
    out = tmp_path_factory.mktemp("plain") / "out"
    generate(GeneratorConfig(out, patients=550, seed=42, days=DAYS, claims_detail=False))
    return out
