"""Whether the server is ready: checks of what it depends on, in parallel, kept for 5 seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooSlow
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from metriccare.api.encoding import instant

# One that fails makes the server unhealthy; of the others two must fail.
ESSENTIAL = frozenset({"publication", "storage", "identity", "audit"})
_SECONDS, _KEPT_SECONDS = 1.0, 5.0
HEALTHY, DEGRADED, UNHEALTHY = "healthy", "degraded", "unhealthy"

# Returns a detail in words; raises CheckFailed.
Check = Callable[[], str]


class CheckFailed(Exception):
    """A check found something that does not work; the text says what."""


@dataclass(frozen=True)
class _Result:
    is_ok: bool
    ms: float
    detail: str


class Readiness:
    """Runs the checks, at most once in 5 seconds."""

    def __init__(self, checks: Mapping[str, Check], clock: Callable[[], datetime]) -> None:
        self._checks, self._clock = checks, clock
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(max_workers=len(checks), thread_name_prefix="check")
        self._kept_until, self._report = float("-inf"), dict[str, Any]()

    def report(self) -> dict[str, Any]:
        """Return status, timestamp, every check, and the names of those that failed."""
        with self._lock:
            if time.monotonic() >= self._kept_until:
                self._report = self._checked()
                self._kept_until = time.monotonic() + _KEPT_SECONDS
            return self._report

    def close(self) -> None:
        """End the threads without waiting for checks that hang."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _checked(self) -> dict[str, Any]:
        began = time.monotonic()
        running = {name: self._pool.submit(_run, check) for name, check in self._checks.items()}
        results = {name: _result(future, began) for name, future in running.items()}
        failed = [name for name, result in results.items() if not result.is_ok]
        return {
            "status": status_of(failed),
            "timestamp": instant(self._clock()),
            "checks": {
                name: {
                    "status": "ok" if result.is_ok else "failed",
                    "ms": round(result.ms, 1),
                    "detail": result.detail,
                }
                for name, result in results.items()
            },
            "failed_checks": failed,
        }


def status_of(failed: list[str]) -> str:
    """Return what failed checks mean together."""
    if ESSENTIAL.intersection(failed) or len(failed) > 1:
        return UNHEALTHY
    return DEGRADED if failed else HEALTHY


def _run(check: Check) -> _Result:
    began = time.perf_counter()
    try:
        detail, is_ok = check(), True
    except CheckFailed as error:
        detail, is_ok = str(error), False
    except Exception as error:  # a check that breaks must not break the others
        detail, is_ok = type(error).__name__, False
    return _Result(is_ok, (time.perf_counter() - began) * 1000, detail)


def _result(future: Future[_Result], began: float) -> _Result:
    left = max(0.0, began + _SECONDS - time.monotonic())
    try:
        return future.result(timeout=left)
    except TooSlow:
        return _Result(False, _SECONDS * 1000, "no answer within a second")
