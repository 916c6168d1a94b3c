"""What Glue passes to the upkeep job."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from metriccare.settings import Lake
from metriccare.wiring.glue import JobArguments, job_arguments

TASKS = ("erase", "replay", "rebuild", "redrive", "rollback", "set_aside", "release")


@dataclass(frozen=True)
class UpkeepArguments:
    """The arguments of the upkeep job; `task` says what it is to do."""

    job: JobArguments
    task: str
    pipeline: str
    results: str
    request: str | None = None
    since: date | None = None
    until: date | None = None
    run: str | None = None
    rule: str | None = None
    file: str | None = None
    reason: str | None = None
    tenant: str | None = None
    read: str | None = None

    @property
    def lake(self) -> Lake:
        """Return the deployed lake."""
        return Lake(self.job.lake)


def upkeep_arguments(words: Sequence[str]) -> UpkeepArguments:
    """Read what Glue passes to the script."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--task", required=True, choices=TASKS)
    for name in ("--pipeline", "--results"):
        parser.add_argument(name, required=True)
    for name in ("--request", "--run", "--rule", "--file", "--reason", "--tenant"):
        parser.add_argument(name)
    # A rebuild starts from the rows of bronze as they are, or reads the uploads once more.
    parser.add_argument("--read", choices=("bronze", "raw"))
    for name in ("--since", "--until"):
        parser.add_argument(name, type=date.fromisoformat)
    found, _ = parser.parse_known_args(words)
    return UpkeepArguments(job_arguments(words), **vars(found))
