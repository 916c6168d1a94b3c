"""Encoded answers by what they depend on. Never keyed by time, so never stale."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

from metriccare.api.encoding import Body

# Some hundred distinct answers of a tenant are a few MB.
MOST_BYTES = 64 * 2**20


class BodyCache:
    """Keeps the bodies used last, up to a number of bytes."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._lock = most_bytes, threading.Lock()
        self._bodies: OrderedDict[str, Body] = OrderedDict()
        self.bytes = 0

    def get(self, key: str) -> Body | None:
        """Return a body and count it as used."""
        with self._lock:
            body = self._bodies.get(key)
            if body is not None:
                self._bodies.move_to_end(key)
            return body

    def put(self, key: str, body: Body) -> None:
        """Keep a body; those unused for longest make room."""
        if body.size > self._most // 8:
            return
        with self._lock:
            before = self._bodies.pop(key, None)
            self.bytes += body.size - (before.size if before else 0)
            self._bodies[key] = body
            while self.bytes > self._most:
                _, dropped = self._bodies.popitem(last=False)
                self.bytes -= dropped.size

    def __len__(self) -> int:
        """Return how many bodies are kept."""
        return len(self._bodies)


def cache_key(parts: Sequence[object]) -> str:
    """Return the key of an answer: a hash of everything it depends on."""
    text = "\x1f".join(f"{type(part).__name__}:{part!r}" for part in parts)
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()
