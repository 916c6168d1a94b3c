"""A run that dies at any commit of bronze or silver is finished by the next one."""

from __future__ import annotations

from pathlib import Path

import pytest

from metriccare.engine.duckdb.engine import DuckDbEngine
from tests.pipeline.bronze_lake import Killed
from tests.pipeline.feed_lake import FeedLake
from tests.pipeline.test_feed_upkeep import content, send

# The commits of bronze and silver: layouts, records, resources, drift, rejects, one for each feed.
COMMITS = 10


@pytest.fixture(scope="module")
def wanted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    """Return the folder of what is sent, and the rows after a run that did not die."""
    folder = tmp_path_factory.mktemp("clean")
    send(FeedLake(folder / "written"))
    # Files that are there already are registered in the same order for every lake.
    lake = FeedLake(folder / "lake", sent=folder / "written" / "sent")
    send(lake)
    lake.run()
    return lake.sent, content(lake)


@pytest.mark.parametrize("after", range(COMMITS))
def test_the_rows_are_those_of_a_run_that_did_not_die(after, wanted, tmp_path, monkeypatch):
    sent, rows = wanted
    lake = FeedLake(tmp_path, sent=sent)
    send(lake)
    commit, done = DuckDbEngine.commit, [0]

    def commit_until_killed(*arguments: object) -> None:
        if done[0] == after:
            raise Killed
        done[0] += 1
        commit(*arguments)

    with monkeypatch.context() as patch:
        patch.setattr(DuckDbEngine, "commit", commit_until_killed)
        with pytest.raises(Killed):
            lake.run()
    lake.run()
    assert content(lake) == rows
