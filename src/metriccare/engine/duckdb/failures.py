"""DuckDB's errors in our words: its own messages may show the value that caused them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from metriccare.errors import EngineFailed, OutOfMemory

# What these say is of files, memory and names, never of a row.
_WITHOUT_CONTENT = frozenset(
    {"IOException", "OutOfMemoryException", "CatalogException", "BinderException"}
)

_NEXT_STEPS = {
    "IOException": (
        " Is the disk full? Make room, then run it again; nothing half-done is published."
    ),
    "OutOfMemoryException": (
        " Close other programs, then run it again; nothing half-done is published."
    ),
}


@contextmanager
def sanitized(what: str) -> Iterator[None]:
    """Raise EngineFailed for a DuckDB error in the block, without the content of a row."""
    import duckdb  # a fifth of a second

    try:
        yield
    except duckdb.Error as error:
        name = type(error).__name__
        detail = f": {str(error).splitlines()[0]}" if name in _WITHOUT_CONTENT else ""
        # The cause would show the row's content in a trace.
        failed = OutOfMemory if name == "OutOfMemoryException" else EngineFailed
        next_step = f".{_NEXT_STEPS[name]}" if name in _NEXT_STEPS else ""
        raise failed(f"{what} failed in DuckDB ({name}){detail}{next_step}") from None
