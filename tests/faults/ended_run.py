"""Ends this process at a chosen commit, as the kernel or a person would.

A commit is entered when its write begins, and left when its write has returned; taking a commit
back and removing old files count as well.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from typing import Any

from metriccare.settings import SPARK
from tests.conftest import ENGINE_VARIABLE

ENTER, LEAVE = "enter", "leave"


def end_at(moment: str, place: int, number: int) -> None:
    """Send this process' group a signal when a commit is entered or left, counted from 1."""
    numbers = count(1)

    def ending(step: Callable[..., Any]) -> Callable[..., Any]:
        def done(*arguments: Any) -> Any:
            is_last = next(numbers) == place
            if is_last and moment == ENTER:
                os.killpg(0, number)
            result = step(*arguments)
            if is_last and moment == LEAVE:
                os.killpg(0, number)
            return result

        return done

    for owner, name in [writer_of(os.environ.get(ENGINE_VARIABLE)), *_upkeep()]:
        setattr(owner, name, ending(getattr(owner, name)))


def writer_of(kind: str | None) -> tuple[Any, str]:
    """Return what writes every commit of an engine, and its name there."""
    if kind == SPARK:
        from metriccare.engine.spark import hudi_writer

        return hudi_writer, "_save"
    from metriccare.engine.duckdb.hudi_writer import HudiWriter

    return HudiWriter, "_commit"


def _upkeep() -> list[tuple[Any, str]]:
    if os.environ.get(ENGINE_VARIABLE) == SPARK:
        from metriccare.engine.spark.engine import SparkEngine as Engine
    else:
        from metriccare.engine.duckdb.engine import DuckDbEngine as Engine
    names = ("roll_back", "remove_old_files")
    return [(Engine, name) for name in names if hasattr(Engine, name)]
