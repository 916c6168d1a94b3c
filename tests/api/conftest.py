from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.running import Running, running


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Running]:
    """A served lake in which nothing is published."""
    with running(tmp_path) as api:
        yield api
