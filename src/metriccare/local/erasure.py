"""Copies of records on this machine, outside the tables, that an erasure reaches."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from metriccare.tracking.states import FileRecord, RunRecord
from metriccare.upkeep.erasure_plan import NEVER_REACHED, Blanks


class LocalCopies:
    """Raw files in a folder; nothing keeps older versions of them."""

    def blank(self, files: Iterable[FileRecord], places: Blanks) -> int:
        """Blank records out of raw files that are still there; return how many."""
        wanted = [file for file in files if places.holds(file)]
        there = [file for file in wanted if Path(file.location).is_file()]
        for file in there:
            places.blank(file, Path(file.location))
        return len(there)

    def drop_old(self) -> int:
        """Remove nothing: a file on this machine has no older versions."""
        return 0

    def not_reached(self, run: RunRecord) -> tuple[str, ...]:
        """Return which copies are left."""
        return ("backups and snapshots of the disk, until they are rotated out", *NEVER_REACHED)
