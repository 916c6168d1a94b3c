"""The note that every commit to a table carries, whichever engine wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from metriccare import naming


def rows_not_written(text: str) -> dict[str, int]:
    """Return how many rows a commit's metadata says could not be written, by partition."""
    by_partition: dict[str, list[dict[str, int]]] = (
        json.loads(text or "{}").get("partitionToWriteStats") or {}
    )
    counts = {
        partition: sum(stat.get("totalWriteErrors") or 0 for stat in stats)
        for partition, stats in by_partition.items()
    }
    return {partition: count for partition, count in counts.items() if count}


@dataclass(frozen=True)
class CommitNote:
    """What a commit says about itself: the run, the step within it, and the files it took in."""

    run_id: str
    step: str
    files: tuple[str, ...] = ()

    def options(self) -> dict[str, str]:
        """Return the note as the pairs that go into the commit's metadata."""
        return {
            naming.COMMIT_RUN_ID: self.run_id,
            naming.COMMIT_STEP: self.step,
            naming.COMMIT_FILES: json.dumps(self.files),
        }

    def is_in(self, metadata: Mapping[str, str]) -> bool:
        """Return True if a commit's metadata names this step of this run."""
        found = (metadata.get(naming.COMMIT_RUN_ID), metadata.get(naming.COMMIT_STEP))
        return found == (self.run_id, self.step)
