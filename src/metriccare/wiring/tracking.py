"""Wiring of the tracking store that a command looks at or changes: of a folder, or deployed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from metriccare.local.sqlite_tracking import SqliteTracking
from metriccare.settings import Lake
from metriccare.tracking.store import TrackingStore
from metriccare.wiring.local import LocalLake, local_lake
from metriccare.wiring.storage import is_deployed


@contextmanager
def opened_tracking(
    lake: Lake, open_local: Callable[[LocalLake], SqliteTracking]
) -> Iterator[TrackingStore]:
    """Give the tracking store of a lake; `open_local` opens that of a folder, which is closed."""
    if is_deployed(lake):
        from metriccare.wiring.operator import tracking_of  # a fifth of a second, only for S3

        yield tracking_of(lake)
        return
    with closing(open_local(local_lake(lake.root, None))) as store:
        yield store
