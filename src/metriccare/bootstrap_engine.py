"""Wiring of the engines: which one computes a run, over which lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from metriccare.engine.protocol import Engine
from metriccare.settings import SPARK, Lake


@contextmanager
def open_engine(
    lake: Lake, kind: str, check_lease: Callable[[], None], input_bytes: int = 0
) -> Iterator[Engine[Any]]:
    """Open the engine `duckdb` or `spark` over a lake on this machine, for about so much input."""
    if kind == SPARK:
        from metriccare.engine.spark.engine import SparkEngine
        from metriccare.spark.session import local_session

        yield SparkEngine(local_session(input_bytes=input_bytes), lake, check_lease)
        return
    from metriccare.engine.duckdb.engine import DuckDbEngine
    from metriccare.engine.object_store import FolderStore

    with DuckDbEngine(FolderStore(lake.folder), check_lease) as engine:
        yield engine
