"""Wiring of the engines: the engine that computes a run, and its lake."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from metriccare import naming
from metriccare.engine.protocol import Engine
from metriccare.local import processes
from metriccare.settings import SPARK, Lake


@contextmanager
def open_engine(
    lake: Lake, kind: str, check_lease: Callable[[], None], input_bytes: int = 0
) -> Iterator[Engine[Any]]:
    """Open the engine `duckdb` or `spark` over a lake on this machine, sized for the input."""
    if kind == SPARK:
        from metriccare.engine.spark.engine import SparkEngine
        from metriccare.engine.spark.session import local_session

        yield SparkEngine(local_session(input_bytes=input_bytes), lake, check_lease)
        return
    from metriccare.engine.duckdb.engine import DuckDbEngine
    from metriccare.wiring.storage import folder_storage

    with (
        _scratch(lake.folder / naming.SCRATCH_FOLDER) as folder,
        DuckDbEngine(folder_storage(lake).objects, check_lease, scratch=folder) as engine,
    ):
        yield engine


@contextmanager
def _scratch(root: Path) -> Iterator[Path]:
    """Yield a folder of this process, and remove those that killed processes left.

    They hold health records.
    """
    own = root / processes.owner()
    own.mkdir(parents=True, exist_ok=True, mode=0o700)
    for folder in root.iterdir():
        if processes.is_ended(folder.name):
            shutil.rmtree(folder, ignore_errors=True)
    yield own
    # Another engine of this process may be using its folder.
    with suppress(OSError):
        own.rmdir()
        root.rmdir()
