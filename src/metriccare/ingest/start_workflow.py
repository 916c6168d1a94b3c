"""Starting the pipeline so that no file waits for the next upload."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from metriccare.errors import MetricCareError
from metriccare.tracking.pending import rebuilding, waiting_bytes
from metriccare.tracking.states import RunState
from metriccare.tracking.store import TrackingStore

_PAUSE_SECONDS = 5.0
_PAUSES = 24
# One process takes so much through in a few minutes (docs/performance.md).
MOST_WAITING = 200 * 2**20


class WorkflowStarter(Protocol):
    """What starts the pipeline; "already running" is an answer and no error."""

    def start(self) -> bool:
        """Start a run; False when one is under way."""
        ...

    def start_daily(self) -> bool:
        """Start the computation of results alone; False when one is under way."""
        ...

    def is_ending(self) -> bool:
        """Return True if the current run has nothing left to do."""
        ...


def is_small(store: TrackingStore) -> bool:
    """Return True if one process may process the waiting files.

    After a failure and for a rebuild the workflow does it, because it has more memory.
    """
    runs = store.runs()
    has_failed = bool(runs) and runs[0].state == RunState.FAILED
    return not has_failed and not rebuilding(runs) and waiting_bytes(store) < MOST_WAITING


class SmallRunStarter(Protocol):
    """Starts small runs; calls wait for one another, so it never refuses."""

    def start(self) -> None:
        """Start a small run for the waiting files."""
        ...


@dataclass(frozen=True)
class StartBySize:
    """Starts a small run if that is enough, else the workflow."""

    store: TrackingStore
    small: SmallRunStarter
    workflow: WorkflowStarter

    def start(self) -> bool:
        """Start a run for the waiting files; return False if the workflow is running."""
        if not is_small(self.store):
            return self.workflow.start()
        self.small.start()
        return True

    def start_daily(self) -> bool:
        """Start the workflow's computation of results; return False if it is running."""
        return self.workflow.start_daily()

    def is_ending(self) -> bool:
        """Return True if the workflow's run has nothing left to do."""
        return self.workflow.is_ending()


@dataclass(frozen=True)
class HeldBack:
    """Starts runs unless the lake is paused or the last one began a moment ago.

    `gap` is the least time between the beginnings of two runs. The sweep starts what was held back.
    """

    store: TrackingStore
    starter: WorkflowStarter
    gap: timedelta
    now: datetime

    def start(self) -> bool:
        """Start a run; return False if one is running or none may begin."""
        return not self._is_too_early() and self._may_begin() and self.starter.start()

    def start_daily(self) -> bool:
        """Start only the computation of results; return False if it is running or may not begin."""
        return self._may_begin() and self.starter.start_daily()

    def is_ending(self) -> bool:
        """Return True if a run is about to end and the next may begin then."""
        return not self._is_too_early() and self._may_begin() and self.starter.is_ending()

    def _may_begin(self) -> bool:
        return self.store.pause_reason() is None

    def _is_too_early(self) -> bool:
        last = self.store.runs(limit=1) if self.gap else []
        return any(self.now - run.started_at < self.gap for run in last)


class StillEndingError(MetricCareError):
    """The last run has done its work but still blocks the next one; try again."""

    retryable = True


def start_after_end(starter: WorkflowStarter, pause: Callable[[float], None]) -> bool:
    """Start a run after another, waiting up to two minutes for its end.

    Returns False if the current run is still working: it will see the waiting files itself, or
    this step follows its end again.
    """
    for _ in range(_PAUSES):
        if starter.start():
            return True
        if not starter.is_ending():
            return False
        pause(_PAUSE_SECONDS)
    raise StillEndingError("The run that ended still blocks the next one; the sweep will start it.")
