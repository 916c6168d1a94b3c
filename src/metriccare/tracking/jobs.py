"""Jobs of the engine that runs the pipeline, as events and answers describe them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

FAILED_STATES = frozenset({"FAILED", "TIMEOUT", "STOPPED", "ERROR"})


@dataclass(frozen=True)
class JobRun:
    """One run of a job: the engine's words for its state, its times where they are known.

    `log_word` says what its id finds in its log.
    """

    job: str
    job_run_id: str
    state: str
    started_at: datetime | None = None
    ended_at: datetime | None = None
    log_word: str = "stream"

    @property
    def failed(self) -> bool:
        """Return True if it ended without having done its work."""
        return self.state in FAILED_STATES

    @property
    def minutes(self) -> float:
        """Return how long it took; 0 while that is unknown."""
        if self.started_at is None or self.ended_at is None:
            return 0.0
        # An event's time has whole seconds and may lie before the start of a short run.
        return max(0.0, (self.ended_at - self.started_at).total_seconds() / 60)
