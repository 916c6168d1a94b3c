"""Calls for many tenants at once: each is some requests to S3, or some syncs of a disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

ResultT = TypeVar("ResultT")

# Fewer than the ten connections of a client.
_AT_A_TIME = 8


def at_once(function: Callable[..., ResultT], *arguments: Iterable[Any]) -> list[ResultT]:
    """Return what the calls return, in order; an error stops those not yet begun."""
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        return list(pool.map(function, *arguments))
