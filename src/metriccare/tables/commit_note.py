"""The note that every commit to a table carries, whichever engine wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from metriccare import naming


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
