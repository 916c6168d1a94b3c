"""The process from which Spark forks its Python workers: pyspark's own, with a shorter path.

Spark puts a zip of pyspark's sources and its core jar before the installed packages. Every worker
would then compile pyspark again, and read the directories of both archives whenever it clears its
import caches. That takes several times as long as the tasks of a small run.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import PurePath

_ARCHIVES = ("pyspark.zip", "py4j-*-src.zip", "spark-core_*.jar")


def without_archives(path: list[str]) -> list[str]:
    """Return a module search path without the archives Spark adds to it."""
    return [entry for entry in path if not any(PurePath(entry).match(name) for name in _ARCHIVES)]


def main() -> None:
    """Run pyspark's daemon; its modules come from where they are installed."""
    sys.path[:] = without_archives(sys.path)
    # Loaded once here instead of in every worker.
    import pyarrow as pa  # noqa: F401
    from pyspark import daemon

    manager: Callable[[], None] = daemon.manager
    manager()


if __name__ == "__main__":
    main()
