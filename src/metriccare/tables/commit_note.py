"""The note that every commit to a table carries, whichever engine wrote it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from metriccare import naming

# Hudi keeps at least this many commits of a table out of its archive.
COMMITS_LOOKED_AT = 20
# The step that creates a table without rows, so that readers and views find it.
CREATE_STEP = "create"


def rows_not_written(text: str) -> dict[str, int]:
    """Return how many rows a commit's metadata says could not be written, by partition."""
    by_partition: dict[str, list[dict[str, int]]] = (
        json.loads(text or "{}").get("partitionToWriteStats") or {}
    )
    counts = {
        partition: sum(stat.get("totalWriteErrors") or 0 for stat in stats)
        for partition, stats in by_partition.items()
    }
    return {partition: count for partition, count in counts.items() if count}


@dataclass(frozen=True)
class CommitNote:
    """What a commit says about itself: the run, the step within it, and the files it took in."""

    run_id: str
    step: str
    files: tuple[str, ...] = ()

    def options(self) -> dict[str, str]:
        """Return the note as the pairs that go into the commit's metadata."""
        return {
            naming.COMMIT_RUN_ID: self.run_id,
            naming.COMMIT_STEP: self.step,
            naming.COMMIT_FILES: json.dumps(self.files),
        }

    def is_in(self, metadata: Mapping[str, str]) -> bool:
        """Return True if a commit's metadata names this step of this run."""
        found = (metadata.get(naming.COMMIT_RUN_ID), metadata.get(naming.COMMIT_STEP))
        return found == (self.run_id, self.step)


def files_of(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the ids of the files a commit's metadata says it took in."""
    return tuple(json.loads(metadata.get(naming.COMMIT_FILES, "[]")))


def completed_commits(names: Iterable[str]) -> list[str]:
    """Return which files of a timeline are completed commits."""
    return [name for name in names if name.endswith((".commit", ".replacecommit"))]


def notes_in_folder(table_folder: str) -> Iterator[dict[str, str]]:
    """Yield the extra metadata of a table's newest commits, newest first, without any engine."""
    timeline = Path(table_folder, ".hoodie")
    names = (path.name for path in timeline.iterdir()) if timeline.is_dir() else ()
    for name in sorted(completed_commits(names), reverse=True)[:COMMITS_LOOKED_AT]:
        yield extra_metadata((timeline / name).read_text(encoding="utf-8"))


def extra_metadata(text: str) -> dict[str, str]:
    """Return what a commit's file says besides Hudi's own."""
    metadata: dict[str, str] = json.loads(text or "{}").get("extraMetadata", {})
    return metadata
