"""Silver, gold and publish as they were before a run: its commits taken back, newest first.

Going back in the order of writing, each step leaves a state that a run killed on its way would
have left, so that a rollback that breaks off harms nothing. Bronze stays: it holds what was
received, whatever became of it. Source: docs/adr/0031-rollback.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pyspark.sql import SparkSession

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.settings import Lake
from metriccare.spark.table_services import Commit, can_be_taken_back, commits, take_back
from metriccare.tables import TABLES

_LAYERS = (naming.SILVER, naming.GOLD, naming.PUBLISH)


def commits_of(spark: SparkSession, lake: Lake, run_id: str) -> list[Commit]:
    """Return what a run committed outside bronze, newest first.

    Raises UsageError, before anything is changed, when files from before the run are gone.
    """
    tables = [table for table in TABLES if table.layer in _LAYERS]
    found = [one for table in tables for one in commits(spark, lake, table) if one.run_id == run_id]
    _check_files(spark, lake, found)
    return sorted(found, key=lambda one: one.instant, reverse=True)


def _check_files(spark: SparkSession, lake: Lake, found: Sequence[Commit]) -> None:
    own = {(one.table.full_name, one.instant) for one in found}
    for one in found:
        before = tuple(r for r in one.replaced if (one.table.full_name, r[2]) not in own)
        first = Commit(one.table, one.instant, one.run_id, one.step, before)
        if not can_be_taken_back(spark, lake, first):
            raise UsageError(
                f"The files of {one.table.full_name} from before {one.run_id} were cleaned away."
                " Nothing was changed; `metriccare replay` takes the run's files through again."
            )


def take_back_all(
    spark: SparkSession, lake: Lake, found: Sequence[Commit], check_lease: Callable[[], None]
) -> None:
    """Take commits back in the order given."""
    for one in found:
        check_lease()
        take_back(spark, lake, one)
