"""One applied stack for the whole session: applying it is what costs."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from metriccare.engine.spark.jars import jars
from tests.twin.journey import Journey
from tests.twin.stack import Twin, deploy, prepare_account, twin_server


@pytest.fixture(scope="session")
def twin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Twin]:
    """Return the stack, applied; it is destroyed at the end."""
    if shutil.which("terraform") is None:
        pytest.skip("terraform is not installed: see docs/deploy.md")
    jars()
    folder = Path(tmp_path_factory.mktemp("twin"))
    with twin_server(folder) as running:
        prepare_account(running)
        deploy(running)
        yield running


@pytest.fixture(scope="session")
def journey(twin: Twin) -> Journey:
    """Return what a sender, a reader and an operator do with the stack."""
    return Journey(twin)
