"""Rolls a run back: its commits to silver, gold and publish are removed, newest first.

Each step leaves the state of a run that was killed at that point, so an interrupted rollback does
no harm. Bronze stays: it has what was received. Source: docs/adr/0031-rollback.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from metriccare import naming
from metriccare.engine.protocol import Engine, RelationT, StoredCommit
from metriccare.errors import UsageError
from metriccare.pipeline.runs import Run
from metriccare.publishing.publish_marts import publish_marts
from metriccare.publishing.published_run import last_run
from metriccare.tables import TABLES
from metriccare.upkeep.rollback_runs import give_up

_LAYERS = (naming.SILVER, naming.GOLD, naming.PUBLISH)


def commits_of(engine: Engine[RelationT], run_id: str) -> list[StoredCommit]:
    """Return a run's commits outside bronze, newest first.

    Raises UsageError if files from before the run were deleted; then nothing is changed.
    """
    commits: list[StoredCommit] = []
    for table in (table for table in TABLES if table.layer in _LAYERS):
        own = [
            commit
            for commit in engine.history(table)
            if commit.metadata.get(naming.COMMIT_RUN_ID) == run_id
        ]
        if not engine.can_roll_back(own):
            raise UsageError(
                f"The files of {table.full_name} from before {run_id} were cleaned away."
                " Nothing was changed; `metriccare replay` takes the run's files through again."
            )
        commits += own
    return sorted(commits, key=lambda commit: commit.instant, reverse=True)


def roll_back_all(engine: Engine[RelationT], commits: Sequence[StoredCommit]) -> None:
    """Roll commits back in the given order."""
    for commit in commits:
        engine.roll_back(commit)


def roll_back(engine: Engine[Any], run: Run, report_progress: Callable[[str], None]) -> int:
    """Roll back a run's commits outside bronze, and its marts; return how many files wait again.

    Raises UsageError if files from before the run were deleted; then nothing is changed.
    """
    commits = commits_of(engine, run.record.run_id)
    waiting = give_up(run.store, run.lease, run.record)
    report_progress(f"Rolling back {len(commits):,} commits")
    roll_back_all(engine, commits)
    run_of = last_run(run.store.runs(), run.settings)
    publish_marts(engine, run.storage.objects, run_of)
    return waiting
