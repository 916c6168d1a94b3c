"""The seam of tracking: SQLite on a laptop, DynamoDB on AWS, one contract for both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Protocol

from metriccare.tracking.states import FileRecord, FileState, Lease, RunRecord


class TrackingStore(Protocol):
    """Files, runs and the lease. Every change is conditional; an illegal one is refused."""

    def register(self, file: FileRecord) -> bool:
        """Add an object version; False when it is known already (nothing changes)."""
        ...

    def files(self, state: FileState | None = None, run_id: str | None = None) -> list[FileRecord]:
        """Return files by state and run, in order of arrival."""
        ...

    def files_registered(self, first: date, last: date) -> list[FileRecord]:
        """Return the files registered on some days (UTC, both included), in order of arrival."""
        ...

    def claim(self, lease: Lease, run_id: str) -> list[FileRecord]:
        """Claim every registered file for a run; each gets its sequence at its first claim.

        Raises LeaseLost when the lease's epoch is no longer the current one.
        """
        ...

    def move(
        self,
        lease: Lease,
        file_ids: Iterable[str],
        from_state: FileState,
        to_state: FileState,
        changes: Mapping[str, Mapping[str, object]] | None = None,
    ) -> None:
        """Move files between states; `changes` gives further fields per file id.

        Raises ValueError for a move that is not allowed, LeaseLost for an old epoch.
        """
        ...

    def acquire_lease(self, owner: str, is_ended: Callable[[str], bool]) -> Lease:
        """Take the lease, with an epoch above every earlier one.

        It is taken over only when `is_ended` says that its owner has ended, never by the clock.
        Raises LeaseHeld otherwise.
        """
        ...

    def check_lease(self, lease: Lease) -> None:
        """Raise LeaseLost unless the lease is still the current one."""
        ...

    def release_lease(self, lease: Lease) -> None:
        """Give the lease up; nothing happens when it is no longer the current one."""
        ...

    def current_lease(self) -> Lease | None:
        """Return the lease that is held, if any."""
        ...

    def pause(self, reason: str) -> None:
        """Let no run begin until `resume`; a running run and registrations continue."""
        ...

    def resume(self) -> None:
        """Let runs begin again."""
        ...

    def pause_reason(self) -> str | None:
        """Return why no run may begin; None if one may."""
        ...

    def put_run(self, run: RunRecord) -> None:
        """Add or replace a run's record."""
        ...

    def runs(self, limit: int | None = None) -> list[RunRecord]:
        """Return runs, newest first."""
        ...
