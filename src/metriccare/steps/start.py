"""Starting the pipeline so that no file waits for the next upload."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from metriccare.errors import MetricCareError

_PAUSE_SECONDS = 5.0
_PAUSES = 24


class WorkflowStarter(Protocol):
    """What starts the pipeline; "already running" is an answer and no error."""

    def start(self) -> bool:
        """Start a run; False when one is under way."""
        ...

    def start_daily(self) -> bool:
        """Start the computation of results alone; False when one is under way."""
        ...

    def is_ending(self) -> bool:
        """Tell whether the run under way has nothing left to do."""
        ...


class StillEndingError(MetricCareError):
    """The run before has done its work and does not let go; try again."""

    retryable = True


def start_after_end(starter: WorkflowStarter, pause: Callable[[float], None]) -> bool:
    """Start a run at the end of another, waiting up to two minutes until that one lets go.

    False when a run is at work that will see the waiting files itself, or ends later and is
    followed by this step again.
    """
    for _ in range(_PAUSES):
        if starter.start():
            return True
        if not starter.is_ending():
            return False
        pause(_PAUSE_SECONDS)
    raise StillEndingError("The run that ended still blocks the next one; the sweep will start it.")
