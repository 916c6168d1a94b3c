"""What the API reads about runs: behind a protocol, because runs are kept in another store."""

from __future__ import annotations

from typing import Any, Protocol

Record = dict[str, Any]


class Operations(Protocol):
    """Runs and files of a lake, of one tenant at a time."""

    def runs(self, tenant: str) -> list[Record]:
        """Return the runs, the newest first, each with the tenant's files and rows."""
        ...

    def run(self, tenant: str, run_id: str) -> Record | None:
        """Return a run with the tenant's files by name; None if there is none."""
        ...

    def drift(self, tenant: str) -> list[Record]:
        """Return the fields that were sent and that no declaration reads."""
        ...
