"""The DuckDB session of an engine: what it may use, and the functions of ours it knows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from metriccare.engine.duckdb.resource_texts import register
from metriccare.machine import memory_bytes

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Extensions are fetched at run time, which no run may depend on.
_SETTINGS: Mapping[str, str] = {
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}
# Of the machine's memory; what needs more goes through the disk.
_MEMORY_SHARE = 0.6
# A million resources take no longer with it than with all of 24 GB (docs/performance.md).
_MOST_MEMORY = 3 * 2**30


def open_session(folder: Path) -> DuckDBPyConnection:
    """Open a session that goes through a folder for what does not fit into memory."""
    import duckdb  # a fifth of a second

    limits = {
        "memory_limit": f"{int(min(memory_bytes() * _MEMORY_SHARE, _MOST_MEMORY))}B",
        "temp_directory": str(folder / "spilled"),
    }
    session = duckdb.connect(config={**_SETTINGS, **limits})
    session.execute("SET TimeZone = 'UTC'")
    register(session)
    return session
