"""The errors MetricCare raises on purpose, each with the exit code the command line answers.

A message says what is wrong, why probably, and what to do next, and never shows the content of a
health record.
"""

from __future__ import annotations

from datetime import datetime


class MetricCareError(Exception):
    """Something a person must act on; the run failed and published nothing (exit code 1)."""

    exit_code = 1
    retryable = False


class UsageError(MetricCareError):
    """The command was asked for something it cannot do (exit code 2)."""

    exit_code = 2


class GateRefused(MetricCareError):
    """A quality gate refused to publish; the last good results stay (exit code 3)."""

    exit_code = 3


class SetupError(MetricCareError):
    """The machine lacks something MetricCare needs (exit code 1)."""


class LeaseHeld(MetricCareError):
    """Another writer holds the lake's lease and is alive; try again when it has ended."""

    retryable = True


class LeaseLost(MetricCareError):
    """This writer's lease was taken over; it must stop before its next commit."""


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


class EngineFailed(MetricCareError):
    """The engine could not compute or write: no space, no memory, a value of another type."""


class UnsupportedTable(MetricCareError):
    """A Hudi table on disk has a form that this version neither reads nor writes."""


class DamagedTable(MetricCareError):
    """A Hudi table on disk is not complete: a file that its timeline names is missing or cut."""


class UnreadableFile(MetricCareError):
    """A whole input file cannot be read (damaged compression, not text, vanished)."""


class WriteFailed(MetricCareError):
    """A folder of the user's took no more files; nothing was published there."""


class UploadFailed(MetricCareError):
    """Files could not be sent to S3; those sent before stay, and sending again is harmless."""

    retryable = True
