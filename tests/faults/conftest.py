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
    """What the lake holds after each of two uploads, and copies of it to disturb."""

    base: Path
    after_first: dict[str, list[str]]
    whole: Path
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

    def after_both(self, folder: Path) -> Processes:
        """Return a lake after both runs."""
        shutil.copytree(self.whole, folder)
        return Processes(folder)


@pytest.fixture(scope="session", autouse=True)
def engine_of_tests(engine_kind: str) -> str:
    """Let every process and lake of these tests work on the session's engine."""
    return engine_kind


@pytest.fixture(scope="session")
def clean(engine_of_tests: str, tmp_path_factory: pytest.TempPathFactory) -> Clean:
    """Return the lake after each upload, each run undisturbed."""
    place = tmp_path_factory.mktemp("clean")
    first = uploads.write(place / "first", history=uploads.history())
    second = uploads.write(place / "second", day=uploads.day(), deletes=uploads.deletes())
    lake = Processes(place / "lake")
    lake.ingest(first)
    lake.run()
    shutil.copytree(lake.folder, place / "base")
    after_first = lake.content()
    lake.ingest(second)
    lake.run()
    return Clean(place / "base", after_first, lake.folder, lake.content(), second, first)
