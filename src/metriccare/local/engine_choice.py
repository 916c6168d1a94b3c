"""Which engine takes a run on this machine: DuckDB in this process where the data fits, else Spark.

Both write the same tables, so the choice may change from one run to the next.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from metriccare import naming
from metriccare.settings import AUTO, DUCKDB, SPARK

# Up to here one process is faster; measured in docs/performance.md.
MOST_WAITING = 2 * 2**30
# Rows take more room in memory than in the compressed files that must be rewritten.
_SHARE_OF_MEMORY = 4
_REWRITTEN = (naming.SILVER, naming.GOLD, naming.PUBLISH)


@dataclass(frozen=True)
class Choice:
    """The engine of a run, and a sentence if a person should know why it is this one."""

    engine: str
    reason: str = ""


@dataclass(frozen=True)
class Machine:
    """What the choice depends on: bytes of memory, and whether Spark could start."""

    memory: int
    has_java: bool


def chosen(asked: str, waiting: int, lake: Path) -> Choice:
    """Return the engine on this machine for about so many bytes that wait for a lake."""
    if asked != AUTO:
        return Choice(asked)
    rewritten = rewritten_bytes(lake)
    if fits(waiting, rewritten, memory_bytes()):
        return Choice(DUCKDB)
    return choose(asked, waiting, rewritten, this_machine())


def fits(waiting: int, rewritten: int, memory: int) -> bool:
    """Return True if one process is the faster way."""
    return waiting < MOST_WAITING and rewritten < memory / _SHARE_OF_MEMORY


def this_machine() -> Machine:
    """Return what this machine has; asking for Java's version takes a tenth of a second."""
    from metriccare.spark.jvm import JAVA_VERSIONS, java_version

    return Machine(memory_bytes(), java_version() in JAVA_VERSIONS)


def memory_bytes() -> int:
    """Return the memory of this machine."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def choose(asked: str, waiting: int, rewritten: int, machine: Machine) -> Choice:
    """Return the engine for about so many bytes that wait and may have to be rewritten."""
    if asked != AUTO:
        return Choice(asked)
    if fits(waiting, rewritten, machine.memory):
        return Choice(DUCKDB)
    size = f"{(waiting + rewritten) / 2**30:.1f} GB"
    if machine.has_java:
        return Choice(SPARK, f"Using Spark for {size}; --engine duckdb would use this process")
    return Choice(
        DUCKDB, f"Java 17 is not installed: DuckDB takes {size}, through the disk where it must"
    )


def rewritten_bytes(lake: Path) -> int:
    """Return the bytes of the tables of which a run may rewrite files."""
    folders = (lake / layer for layer in _REWRITTEN)
    return sum(file.stat().st_size for folder in folders for file in folder.rglob("*.parquet"))
