"""An empty lake that is loaded by runs, on the engine of this test process."""

from __future__ import annotations

from pathlib import Path

import pytest

from metriccare.settings import Lake
from tests.loader import Loader


@pytest.fixture
def loader(engine_kind: str, lake: Lake, tmp_path: Path) -> Loader:
    return Loader(engine_kind, lake, tmp_path)
