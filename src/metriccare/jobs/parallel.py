"""Independent pieces of a job side by side: planning one overlaps writing another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Piece = TypeVar("Piece")
Outcome = TypeVar("Outcome")
Other = TypeVar("Other")

# Spark spends about half of a small job on one thread of its driver.
_THREADS = 3


def in_parallel(work: Callable[[Piece], Outcome], pieces: Iterable[Piece]) -> list[Outcome]:
    """Return the work's outcome for each piece, in order; the first error is raised at the end."""
    with ThreadPoolExecutor(_THREADS) as threads:
        return list(threads.map(work, pieces))


def side_by_side(one: Callable[[], Outcome], other: Callable[[], Other]) -> tuple[Outcome, Other]:
    """Return both outcomes; an error of the first is raised before one of the second."""
    with ThreadPoolExecutor(1) as thread:
        later = thread.submit(other)
        return one(), later.result()


def started(work: Callable[[], Outcome]) -> Future[Outcome]:
    """Begin what is needed later on, and return where its outcome will be found."""
    thread = ThreadPoolExecutor(1)
    future = thread.submit(work)
    thread.shutdown(wait=False)
    return future
