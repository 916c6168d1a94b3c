"""The states of a file and of a run, and the moves between them that are allowed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from metriccare.errors import GateRefused, Refusal
from metriccare.sources.fhir.byte_account import ByteAccount


class FileState(StrEnum):
    """How far a received object version has come."""

    REGISTERED = "registered"
    CLAIMED = "claimed"
    LOADED = "loaded"
    PUBLISHED = "published"
    UNREADABLE = "unreadable"
    # Kept out by a person, with a reason, until a person takes it back.
    SET_ASIDE = "set_aside"


class RunState(StrEnum):
    """How far a run has come, or how it ended."""

    RUNNING = "running"
    SUCCEEDED = "succeeded"
    # Some tenants were published, others refused by a gate.
    PARTLY_REFUSED = "partly_refused"
    FAILED = "failed"
    REFUSED = "refused"
    ROLLED_BACK = "rolled_back"


# Runs whose results readers see, unless a later one replaced them.
PUBLISHED_RUNS = frozenset({RunState.SUCCEEDED, RunState.PARTLY_REFUSED})

ALLOWED_MOVES: frozenset[tuple[FileState, FileState]] = frozenset(
    {
        (FileState.REGISTERED, FileState.CLAIMED),
        (FileState.CLAIMED, FileState.LOADED),
        (FileState.CLAIMED, FileState.UNREADABLE),
        (FileState.CLAIMED, FileState.REGISTERED),
        (FileState.LOADED, FileState.PUBLISHED),
        # Rollback and replay send files through again.
        (FileState.LOADED, FileState.REGISTERED),
        (FileState.PUBLISHED, FileState.REGISTERED),
        (FileState.UNREADABLE, FileState.REGISTERED),
        # A person sets a file aside, and takes it back.
        (FileState.REGISTERED, FileState.SET_ASIDE),
        (FileState.CLAIMED, FileState.SET_ASIDE),
        (FileState.LOADED, FileState.SET_ASIDE),
        (FileState.SET_ASIDE, FileState.REGISTERED),
        # A run notes that the tables no longer hold its rows.
        (FileState.SET_ASIDE, FileState.SET_ASIDE),
    }
)


@dataclass(frozen=True)
class FileRecord:
    """One object version: `file_id` identifies it, `location` is where its bytes are.

    `sequence` is its place in the order of arrival, given when it is first claimed; `replays`
    counts how often it was sent through again. A file that is set aside has a `run_id` as long as
    tables may hold rows of it: the next run takes them out. `rows_passed` and the bytes are None
    when they are not known: before the file is read, and for files read before they were counted.
    """

    file_id: str
    tenant: str
    source_file: str
    location: str
    size: int
    registered_at: datetime
    state: FileState = FileState.REGISTERED
    sequence: int | None = None
    run_id: str | None = None
    rows_loaded: int = 0
    rows_quarantined: int = 0
    reason: str | None = None
    replays: int = 0
    rows_passed: int | None = None
    bytes_content: int | None = None
    bytes_loaded: int | None = None
    bytes_quarantined: int | None = None
    bytes_passed: int | None = None
    bytes_envelope: int | None = None
    bytes_space: int | None = None

    @property
    def bytes_accounted(self) -> int | None:
        """Return how many bytes of the content were read as something; None when not known."""
        counts = [getattr(self, name) for name in _ACCOUNTED]
        return None if None in counts else sum(counts)


_ACCOUNTED = (
    "bytes_loaded",
    "bytes_quarantined",
    "bytes_passed",
    "bytes_envelope",
    "bytes_space",
)
# What reading a file adds to its record.
READ_FIELDS = ("rows_passed", "bytes_content", *_ACCOUNTED)


def read_fields(account: ByteAccount | None) -> Mapping[str, int | None]:
    """Return what a file's record keeps of the account of its bytes."""
    if account is None:
        return dict.fromkeys(READ_FIELDS)
    return {
        "rows_passed": account.entries_passed,
        "bytes_content": account.content,
        "bytes_loaded": account.records,
        "bytes_quarantined": account.quarantined,
        "bytes_passed": account.passed,
        "bytes_envelope": account.envelope,
        "bytes_space": account.space,
    }


@dataclass(frozen=True)
class RunRecord:
    """One run: `epoch` is the lease's when it began; `stage` the last layer it completed.

    `refused` names the tenants it did not publish. `persons_not_computed` counts the persons whose
    rows it left as they were, because the rules failed on them. `rebuild` names the tenants whose
    silver it was asked to derive again from bronze, EVERY_TENANT for all. `edition` is the deployed
    bundle it began with, empty where there is none.
    """

    run_id: str
    epoch: int
    state: RunState
    started_at: datetime
    as_of: str
    stage: str = ""
    ended_at: datetime | None = None
    files: int = 0
    rows_in: int = 0
    rows_loaded: int = 0
    rows_quarantined: int = 0
    message: str | None = None
    refused: tuple[Refusal, ...] = ()
    persons_not_computed: int = 0
    rebuild: tuple[str, ...] = ()
    edition: str = ""

    @property
    def refused_tenants(self) -> frozenset[str]:
        """Return the tenants it did not publish."""
        return frozenset(refusal.tenant for refusal in self.refused)

    def require_all_published(self) -> None:
        """Raise GateRefused where the run has ended and did not publish every tenant."""
        if self.refused:
            raise GateRefused(self.message or "", self.refused)


@dataclass(frozen=True)
class Lease:
    """The right to write the lake: who holds it, and the epoch no later writer shares."""

    owner: str
    epoch: int
