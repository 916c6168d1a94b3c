"""Wiring of the quarantine of a lake on this machine, under the lease.

It sends rejected records again, sets whole files aside, and releases them.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from metriccare.report.rejected import REDRIVEN, RejectFilter, chosen
from metriccare.tables import keys
from metriccare.tracking.again import send_again
from metriccare.tracking.states import FileRecord, RunRecord
from metriccare.upkeep.replay import with_ids
from metriccare.upkeep.set_aside import named_file, release, set_aside
from metriccare.wiring.local import (
    LocalLake,
    ReportProgress,
    holding_lease,
    run_under_lease,
    stages,
)
from metriccare.wiring.queries import open_engine

if TYPE_CHECKING:
    from metriccare.pipeline.runs import Run


@dataclass(frozen=True)
class Redriven:
    """The result of sending rejected records again."""

    record: RunRecord
    loaded: int
    rejected: int

    @property
    def run_id(self) -> str:
        """Return the id of the run that processed them."""
        return self.record.run_id


def redrive_local(
    here: LocalLake, choice: RejectFilter, as_of: date | None, report_progress: ReportProgress
) -> Redriven | None:
    """Process the files of the chosen open records again, with all waiting files.

    A file is read whole: its earlier rows stay, so that no record is lost or doubled.
    Returns None, without starting Spark, when no such record is open.
    """
    with closing(here.existing_store()) as store:
        wanted = [r for r in chosen(open_engine(here.lake), choice) if r["state"] != REDRIVEN]
        if not wanted:
            return None
        ids = {row["file_id"] for row in wanted}

        def work(run: Run) -> Run:
            send_again(run.store, run.lease, with_ids(run.store, ids))
            report_progress(f"Sending {len(wanted):,} records in {len(ids):,} files through again")
            return stages(run, report_progress)

        record = run_under_lease(here, store, as_of, work)
    after = chosen(open_engine(here.lake), RejectFilter())
    left = {_rejected_record(row) for row in after if row["state"] != REDRIVEN}
    rejected = sum(_rejected_record(row) in left for row in wanted)
    return Redriven(record, len(wanted) - rejected, rejected)


def set_aside_local(here: LocalLake, word: str, reason: str) -> FileRecord:
    """Exclude a file from every run; return its record from before."""
    with closing(here.existing_store()) as store, holding_lease(store) as lease:
        file = named_file(store, word)
        set_aside(store, lease, file, reason)
        return file


def release_local(here: LocalLake, word: str) -> FileRecord:
    """Release a file that was set aside; return its record from before."""
    with closing(here.existing_store()) as store, holding_lease(store) as lease:
        file = named_file(store, word)
        release(store, lease, file)
        return file


def _rejected_record(row: Mapping[str, str]) -> str:
    """Return the key of the rejected record, independent of the rule."""
    return keys.rejected_record(row["record_key"], row["rule_id"])
