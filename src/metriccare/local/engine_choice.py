"""Which engine takes a run on this machine: DuckDB in this process where the data fits, else Spark.

Both write the same tables, so the choice may change from one run to the next.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from metriccare.machine import memory_bytes
from metriccare.settings import AUTO, DUCKDB, SPARK

# Up to here one process is faster; measured in docs/performance.md.
MOST_WAITING = 2 * 2**30
# A quarter: rows take more room in memory than in the compressed files that are rewritten.
_SHARE_OF_MEMORY = 4


@dataclass(frozen=True)
class Choice:
    """The engine of a run, and a sentence if a person should know why it is this one."""

    engine: str
    reason: str = ""


class Machine(Protocol):
    """What the choice depends on: bytes of memory, and whether Spark could start."""

    @property
    def memory(self) -> int:
        """Return the bytes of memory."""

    @property
    def has_java(self) -> bool:
        """Return True if there is a Java that Spark starts on."""


class ThisMachine:
    """The machine this process runs on."""

    @property
    def memory(self) -> int:
        """Return the bytes of memory."""
        return memory_bytes()

    @property
    def has_java(self) -> bool:
        """Ask for Java's version, which takes a tenth of a second."""
        from metriccare.engine.spark.jvm import JAVA_VERSIONS, java_version

        return java_version() in JAVA_VERSIONS


def choose(asked: str, waiting: int, rewritten: int, machine: Machine) -> Choice:
    """Return the engine for about so many bytes that wait and may have to be rewritten."""
    if asked != AUTO:
        return Choice(asked)
    if waiting < MOST_WAITING and rewritten < machine.memory / _SHARE_OF_MEMORY:
        return Choice(DUCKDB)
    size = f"{(waiting + rewritten) / 2**30:.1f} GB"
    if machine.has_java:
        return Choice(SPARK, f"Using Spark for {size}; --engine duckdb would use this process")
    return Choice(
        DUCKDB, f"Java 17 is not installed: DuckDB takes {size}, through the disk where it must"
    )
