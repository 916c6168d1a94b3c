"""Materialized rows of large jobs, kept in the lake's bucket: a lost executor loses none of them.

Else they are on the executors' disks, and the job fails with the executor. The reasons are in
docs/adr/0041-checkpoints-of-large-jobs.md.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from pyspark.sql import DataFrame, SparkSession

from metriccare import naming
from metriccare.engine.spark import internals
from metriccare.engine.spark.schema import materialize
from metriccare.settings import Lake

# 8 GB, about six million resources: a job of ten minutes on the two workers of dev
# (docs/scaling.md). It materializes about a hundred relations, and each takes about a second to
# write, which is an estimate: in a smaller job that would be much of its time.
LARGE_BYTES = 8 * 2**30


class Checkpoints:
    """Materializes the frames of one job: on its executors until it is large, then in the lake."""

    def __init__(
        self, spark: SparkSession, folder: str, input_bytes: int, large_bytes: int = LARGE_BYTES
    ) -> None:
        self._spark, self._folder, self._large_bytes = spark, folder, large_bytes
        self._is_large = input_bytes >= large_bytes
        # Spark's folder below ours, with a name of its own.
        self._own: str | None = None

    def materialize(self, frame: DataFrame) -> DataFrame:
        """Return the frame computed once, without its plan.

        A job is large if its input is, and from its first large frame on: a later frame is written
        even if it is small, because losing that one would fail the job as well.
        """
        if self._is_large:
            return self._written(frame)
        local = materialize(frame)
        self._is_large = internals.bytes_on_executors(local) >= self._large_bytes
        if not self._is_large:
            return local
        written = self._written(local)
        internals.free(local)
        return written

    def _written(self, frame: DataFrame) -> DataFrame:
        if self._own is None:
            self._own = internals.set_checkpoint_folder(self._spark, self._folder)
        return internals.with_new_column_ids(frame.checkpoint())

    def remove(self) -> None:
        """Remove what this job wrote."""
        if self._own is not None:
            internals.delete_folder(self._spark, self._own)


@contextmanager
def checkpoints_in(
    spark: SparkSession, lake: Lake, input_bytes: int, large_bytes: int = LARGE_BYTES
) -> Iterator[Checkpoints]:
    """Give the checkpoints of a job that holds the lake's lease; they are removed at its end."""
    remove_leftovers(spark, lake)
    checkpoints = Checkpoints(spark, _folder(lake), input_bytes, large_bytes)
    try:
        yield checkpoints
    finally:
        # The next run and the bucket's lifecycle remove what cannot be removed now.
        with suppress(internals.JavaError):
            checkpoints.remove()


def remove_leftovers(spark: SparkSession, lake: Lake) -> None:
    """Remove the rows that jobs left when they were killed; the caller holds the lake's lease."""
    internals.delete_folder(spark, _folder(lake))


def _folder(lake: Lake) -> str:
    return lake.path(naming.CHECKPOINTS_FOLDER)
