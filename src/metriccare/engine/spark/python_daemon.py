"""The process a laptop's Spark forks its Python workers from: pyspark's own, by a shorter path.

Spark puts a zip of pyspark's sources and its own core jar before the installed packages. Every
worker would compile pyspark anew, and read the directories of both archives each time it is asked
to forget what it found there: together several times what a small run's tasks do.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import PurePath

_ARCHIVES = ("pyspark.zip", "py4j-*-src.zip", "spark-core_*.jar")


def without_archives(path: list[str]) -> list[str]:
    """Return a module search path without the archives Spark adds to it."""
    return [place for place in path if not any(PurePath(place).match(name) for name in _ARCHIVES)]


def main() -> None:
    """Run pyspark's daemon, whose modules are now found where they are installed."""
    sys.path[:] = without_archives(sys.path)
    # Loaded once here instead of in every worker.
    import pyarrow as pa  # noqa: F401
    from pyspark import daemon

    manager: Callable[[], None] = daemon.manager
    manager()


if __name__ == "__main__":
    main()
