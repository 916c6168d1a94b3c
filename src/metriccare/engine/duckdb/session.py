"""The DuckDB session of an engine: its limits, its settings and our functions in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from metriccare.engine.duckdb import letter_case, resource_texts
from metriccare.interruption import stop_queries_of
from metriccare.machine import memory_bytes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Extensions would be fetched at run time, and no run may depend on that.
_SETTINGS: Mapping[str, str] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
# 0.6 of the machine's memory: the rest is for Python and the system. Larger data goes to disk.
_MEMORY_SHARE = 0.6
# 3 GB: a million resources take no longer with it than with 24 GB (docs/performance.md).
_MOST_MEMORY = 3 * 2**30


def open_session(folder: Path) -> DuckDBPyConnection:
    """Return a new session; data that does not fit into memory goes to a folder."""
    import duckdb  # imported late: it takes 0.2 s

    limits = {
        "memory_limit": f"{int(min(memory_bytes() * _MEMORY_SHARE, _MOST_MEMORY))}B",
        "temp_directory": str(folder / "spilled"),
    }
    session = duckdb.connect(config={**_SETTINGS, **limits})
    stop_queries_of(session)
    session.execute("SET TimeZone = 'UTC'")
    # DuckDB prints a bar in a process that it considers interactive, such as `python -c`.
    session.execute("SET enable_progress_bar = false")
    resource_texts.register(session)
    letter_case.register(session)
    return session
