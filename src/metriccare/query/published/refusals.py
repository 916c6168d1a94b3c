"""Why a read of published rows is not answered; a message never holds a value of a record."""

from __future__ import annotations

from metriccare.errors import MetricCareError, UsageError


class UnknownDataset(UsageError):
    """There is no dataset of that name."""


class InvalidParameter(UsageError):
    """A filter, sort, limit or key that a dataset does not take; `name` is the parameter."""

    def __init__(self, name: str, detail: str) -> None:
        super().__init__(f"{name}: {detail}")
        self.name, self.detail = name, detail


class NotPublished(MetricCareError):
    """Nothing is published of a tenant yet: no run has come that far, or it was rolled back."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing is published here yet. `metriccare run` processes waiting files and publishes."
        )


class PublicationGone(MetricCareError):
    """An earlier publication was asked for, and its files are no longer kept."""

    def __init__(self) -> None:
        super().__init__("That publication is no longer kept; leave it out to read the newest.")


class TimedOut(MetricCareError):
    """A query took longer than its limit and was stopped."""

    retryable = True

    def __init__(self, seconds: float) -> None:
        super().__init__(f"The query was stopped after {seconds:g} s; narrow its filters.")
