"""The arguments that Glue passes to the upkeep job."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from metriccare import naming
from metriccare.errors import UsageError
from metriccare.settings import Lake
from metriccare.upkeep.month import month_of
from metriccare.upkeep.rebuild_request import Rebuild
from metriccare.upkeep.replay import Window
from metriccare.wiring.glue import JobArguments, job_arguments

TASKS = ("erase", "replay", "rebuild", "redrive", "rollback", "set_aside", "release", "close")


@dataclass(frozen=True)
class UpkeepArguments:
    """The arguments of the upkeep job; `task` names what to do."""

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
    month: str | None = None

    @property
    def lake(self) -> Lake:
        """Return the deployed lake."""
        return Lake(self.job.lake)

    @property
    def window(self) -> Window:
        """Return the days of a replay; UsageError if one is missing."""
        if self.since is None or self.until is None:
            raise UsageError("A replay wants --since and --until, dates such as 2024-12-31.")
        return Window(self.since, self.until)

    @property
    def run_to_roll_back(self) -> str:
        """Return the run a rollback names; UsageError if it names none."""
        if self.run is None:
            raise UsageError("A rollback wants --run, the newest run.")
        return self.run

    @property
    def named_file(self) -> str:
        """Return the id of a file, or its name as sent; UsageError if none is given."""
        if not self.file:
            raise UsageError("This wants --file, the id of a file or its name as it was sent.")
        return self.file

    @property
    def reason_to_set_aside(self) -> str:
        """Return why a file is set aside; UsageError if no reason is given."""
        if not self.reason:
            raise UsageError("Setting a file aside wants --reason TEXT.")
        return self.reason

    @property
    def month_to_close(self) -> date:
        """Return the first day of the month to close; UsageError if none is given."""
        if not self.month:
            raise UsageError("A close wants --month, such as 2024-03.")
        return month_of(self.month)

    @property
    def rebuild(self) -> Rebuild:
        """Return the scope of a rebuild: every tenant or one, from bronze or from the uploads."""
        return Rebuild(self.tenant or naming.EVERY_TENANT, self.read == "raw")


def upkeep_arguments(words: Sequence[str]) -> UpkeepArguments:
    """Return the arguments that Glue passes to the script."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--task", required=True, choices=TASKS)
    for name in ("--pipeline", "--results"):
        parser.add_argument(name, required=True)
    for name in ("--request", "--run", "--rule", "--file", "--reason", "--tenant", "--month"):
        parser.add_argument(name)
    # A rebuild starts from the rows of bronze as they are, or reads the uploads once more.
    parser.add_argument("--read", choices=("bronze", "raw"))
    for name in ("--since", "--until"):
        parser.add_argument(name, type=date.fromisoformat)
    found, _ = parser.parse_known_args(words)
    return UpkeepArguments(job_arguments(words), **vars(found))
