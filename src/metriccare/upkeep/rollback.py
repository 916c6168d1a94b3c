"""Silver, gold and publish as they were before a run: its commits taken back, newest first.

Going back in the order of writing, each step leaves a state that a run killed on its way would
have left, so that a rollback that breaks off harms nothing. Bronze stays: it holds what was
received, whatever became of it. Source: docs/adr/0031-rollback.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from metriccare import naming
from metriccare.engine.protocol import Engine, RelationT, StoredCommit
from metriccare.errors import UsageError
from metriccare.pipeline.runs import Run
from metriccare.tables import TABLES
from metriccare.upkeep.rollback_runs import give_up

_LAYERS = (naming.SILVER, naming.GOLD, naming.PUBLISH)


def commits_of(engine: Engine[RelationT], run_id: str) -> list[StoredCommit]:
    """Return what a run committed outside bronze, newest first.

    Raises UsageError, before anything is changed, if files from before the run are gone.
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
    """Take commits back in the order given."""
    for commit in commits:
        engine.roll_back(commit)


def roll_back(engine: Engine[Any], run: Run, tell: Callable[[str], None]) -> int:
    """Take back what a run committed outside bronze; return how many files wait again.

    Raises UsageError, having changed nothing, when files from before the run are gone.
    """
    found = commits_of(engine, run.record.run_id)
    waiting = give_up(run.store, run.lease, run.record)
    tell(f"Taking back {len(found):,} commits")
    roll_back_all(engine, found)
    return waiting
