"""A clean lake, written once per session by two runs that nothing disturbed."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.faults import uploads
from tests.faults.lakes import Processes


@dataclass(frozen=True)
class Clean:
    """What the lake holds after both uploads, and copies of it to disturb."""

    base: Path
    wanted: dict[str, list[str]]
    second: Path
    first: Path

    def untouched(self, folder: Path) -> Processes:
        """Return an empty lake that has received the first upload."""
        lake = Processes(folder)
        lake.ingest(self.first)
        return lake

    def with_a_day_waiting(self, folder: Path) -> Processes:
        """Return a lake after the first upload's run that has received the second."""
        shutil.copytree(self.base, folder)
        lake = Processes(folder)
        lake.ingest(self.second)
        return lake


@pytest.fixture(scope="session")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Clean:
    """Return the lake after each upload, each run undisturbed."""
    place = tmp_path_factory.mktemp("clean")
    first = uploads.write(place / "first", history=uploads.history())
    second = uploads.write(place / "second", day=uploads.day(), deletes=uploads.deletes())
    lake = Processes(place / "lake")
    lake.ingest(first)
    lake.run()
    shutil.copytree(lake.folder, place / "base")
    lake.ingest(second)
    lake.run()
    return Clean(place / "base", lake.content(), second, first)
