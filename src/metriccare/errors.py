"""The errors MetricCare raises on purpose, each with the exit code of the command line.

A message says what is wrong, why probably, and what to do next, and never shows the content of a
health record.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple


class Refusal(NamedTuple):
    """Why a quality gate did not publish a tenant: the gate, and what it wanted and found."""

    tenant: str
    gate: str
    sentence: str


class MetricCareError(Exception):
    """Something a person must act on; the run failed and published nothing (exit code 1)."""

    exit_code = 1
    retryable = False


class UsageError(MetricCareError):
    """The command was asked for something it cannot do (exit code 2)."""

    exit_code = 2


class GateRefused(MetricCareError):
    """Quality gates refused to publish some tenants or all; the last good results of these stay.

    The exit code is 3. `refusals` names the tenants.
    """

    exit_code = 3

    def __init__(self, message: str, refusals: Sequence[Refusal] = ()) -> None:
        super().__init__(message)
        self.refusals = tuple(refusals)


class SetupError(MetricCareError):
    """Something that MetricCare needs is missing on this machine (exit code 1)."""


class LeaseHeld(MetricCareError):
    """Another writer holds the lake's lease and is alive; try again when it has ended."""

    retryable = True


class LeaseLost(MetricCareError):
    """This writer's lease was taken over; it must stop before its next commit."""


class EditionChanged(MetricCareError):
    """A job of another deployed bundle than its run's; the next run does all stages with one."""

    retryable = True


class ClockBehind(MetricCareError):
    """The clock shows a time before the lake's last write: what is written now would be hidden."""

    retryable = True

    def __init__(self, now: datetime, latest: datetime) -> None:
        super().__init__(
            f"The clock shows {now:%Y-%m-%d %H:%M:%S} UTC, but this lake was written at"
            f" {latest:%Y-%m-%d %H:%M:%S} UTC: rows written now would count as older than those"
            " they replace. Nothing was changed. Set the clock right, then run again."
        )


class SchemaMismatch(MetricCareError):
    """A frame or a table on disk does not have the declared columns."""


class RowsNotWritten(MetricCareError):
    """Hudi could not write rows of a commit, so the commit was not made or was rolled back."""

    def __init__(self, table: str, step: str, rows: int | None) -> None:
        count = "some of the rows" if rows is None else f"{rows:,} of the rows"
        super().__init__(
            f"{table}: Hudi could not write {count} of step {step}. The table is as it was before"
            " this step, and nothing is published. The next run tries again; if it fails too,"
            " `metriccare --debug run` shows what Hudi says: report that."
        )


class EngineFailed(MetricCareError):
    """The engine could not compute or write: no space, no memory, a value of another type."""


class OutOfMemory(EngineFailed):
    """The engine's memory ran out, or that of a process that helps it."""


class OutOfTime(MetricCareError):
    """A run stopped before its next commit, because what it runs in would end it soon."""


class UnsupportedTable(MetricCareError):
    """A Hudi table on disk has a form that this version neither reads nor writes."""


class DamagedTable(MetricCareError):
    """A Hudi table on disk is not complete: a file that its timeline names is missing or cut."""


class UnreadableFile(MetricCareError):
    """A whole input file cannot be read (damaged compression, not text, vanished)."""


class CatalogRefused(MetricCareError):
    """The Glue catalog did not take partitions; their files are written and not yet seen."""


class WriteFailed(MetricCareError):
    """A folder of the user's took no more files; nothing was published there."""


class UploadFailed(MetricCareError):
    """Files could not be sent to S3; those sent before stay, and sending again is harmless."""

    retryable = True
