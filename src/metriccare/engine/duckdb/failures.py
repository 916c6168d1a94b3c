"""DuckDB's errors in our words: its own messages may contain the value that caused them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from metriccare.errors import EngineFailed, OutOfMemory, UsageError

# Begins the message of an error that a translated model raises itself.
REFUSED = "The model is refused: "
# The messages of these are about files, memory and names, never about a row.
_WITHOUT_CONTENT = frozenset(
    {"IOException", "OutOfMemoryException", "CatalogException", "BinderException"}
)

_NEXT_STEPS = {
    "IOException": (
        " Is the disk full? Free some space, then run it again; nothing half-done is published."
    ),
    "OutOfMemoryException": (
        " Close other programs, then run it again; nothing half-done is published."
    ),
}


@contextmanager
def sanitized(action: str) -> Iterator[None]:
    """Raise EngineFailed for a DuckDB error in the block, without the content of a row."""
    import duckdb  # imported late: it takes 0.2 s

    try:
        yield
    except duckdb.Error as error:
        name = type(error).__name__
        _, is_refused, refusal = str(error).partition(REFUSED)
        if is_refused and name == "InvalidInputException":
            raise UsageError(f"{REFUSED}{refusal.splitlines()[0]}") from None
        detail = f": {str(error).splitlines()[0]}" if name in _WITHOUT_CONTENT else ""
        # `from None`: a trace of the cause would show the row's content.
        failed = OutOfMemory if name == "OutOfMemoryException" else EngineFailed
        next_step = f".{_NEXT_STEPS[name]}" if name in _NEXT_STEPS else ""
        raise failed(f"{action} failed in DuckDB ({name}){detail}{next_step}") from None
