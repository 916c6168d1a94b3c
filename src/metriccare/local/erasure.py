"""Copies of records on this machine, outside the tables, that an erasure reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from metriccare.sources.fhir.record import Place
from metriccare.sources.fhir.redaction import blank_file
from metriccare.tracking.states import FileRecord, RunRecord
from metriccare.upkeep.erasure_plan import NEVER_REACHED


class LocalCopies:
    """Raw files in a folder; nothing keeps older versions of them."""

    def blank(self, files: Iterable[FileRecord], places: Mapping[str, set[Place]]) -> int:
        """Blank records out of raw files that are still there; return how many."""
        wanted = [file for file in files if file.file_id in places]
        there = [file for file in wanted if Path(file.location).is_file()]
        for file in there:
            blank_file(Path(file.location), places[file.file_id])
        return len(there)

    def drop_old(self) -> int:
        """Remove nothing: a file on this machine has no older versions."""
        return 0

    def not_reached(self, run: RunRecord) -> tuple[str, ...]:
        """Return which copies are left."""
        return ("backups and snapshots of the disk, until they are rotated out", *NEVER_REACHED)
