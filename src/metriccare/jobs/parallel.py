"""Independent pieces of a job side by side: planning one overlaps writing another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Outcome = TypeVar("Outcome")

# Spark spends about half of a small job on one thread of its driver.
_THREADS = 3


def in_parallel(work: Callable[[Piece], Outcome], pieces: Iterable[Piece]) -> list[Outcome]:
    """Return the work's outcome for each piece, in order; the first error is raised at the end."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(work, pieces))
