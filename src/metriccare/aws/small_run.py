"""The function for small runs: calling it, who holds a lease for it, and how a call ended."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from metriccare.aws.events import MalformedEventError
from metriccare.tracking.jobs import JobRun

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_OWNER = re.compile(r"function/(?P<function>[^/]+)/(?P<id>[^/]+)/until/(?P<until>\d+)")
_FAILURE = "Lambda Function Invocation Result - Failure"
_SOURCE = "lambda"


class Outcome(StrEnum):
    """How a call ended; the first two are states of jobs too."""

    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"
    NOTHING_TO_DO = "NOTHING_TO_DO"
    # There is more than one process should take: the workflow's turn.
    HANDED_OVER = "HANDED_OVER"


@dataclass(frozen=True)
class Call:
    """One call of the function, which Lambda ends at `until` if it has not ended before."""

    function: str
    request_id: str
    until: datetime

    @property
    def owner(self) -> str:
        """Return who the lease of the call's run belongs to."""
        return f"function/{self.function}/{self.request_id}/until/{int(self.until.timestamp()) + 1}"

    def is_over(self, now: datetime) -> bool:
        """Return True if Lambda has certainly ended it."""
        return now > self.until


def call_of(owner: str) -> Call | None:
    """Return the call a lease belongs to; None where another holds it."""
    found = _OWNER.fullmatch(owner)
    if found is None:
        return None
    until = datetime.fromtimestamp(int(found["until"]), UTC)
    return Call(found["function"], found["id"], until)


@dataclass(frozen=True)
class Ended:
    """How a call ended: in its own words, or killed, which is HANDED_OVER without a start."""

    request_id: str
    outcome: Outcome
    ended_at: datetime
    started_at: datetime | None = None
    run_id: str | None = None

    def job_run(self, function: str) -> JobRun:
        """Return it as the run of a job."""
        return JobRun(
            job=function,
            job_run_id=self.request_id,
            state=str(self.outcome),
            started_at=self.started_at,
            ended_at=self.ended_at,
            log_word="request",
        )


@dataclass(frozen=True)
class Answer:
    """What a call answers."""

    outcome: Outcome
    started_at: datetime
    run_id: str | None = None

    def as_json(self) -> Mapping[str, str | None]:
        """Return it as Lambda passes it on."""
        return {**asdict(self), "started_at": self.started_at.isoformat()}


def is_of_call(event: Mapping[str, Any]) -> bool:
    """Return True if an event is about the end of a function's call."""
    return event.get("source") == _SOURCE


def ended_call(event: Mapping[str, Any]) -> Ended:
    """Return how the call ended that a `Lambda Function Invocation Result` is about.

    Raises MalformedEventError for another event.
    """
    try:
        detail = event["detail"]
        request_id = detail["requestContext"]["requestId"]
        at = datetime.fromisoformat(event["time"])
        if event["detail-type"] == _FAILURE:
            # Every error of ours is an answer: this one was killed, for time or memory.
            return Ended(request_id, Outcome.HANDED_OVER, at)
        answer = detail["responsePayload"]
        started = datetime.fromisoformat(answer["started_at"])
        return Ended(request_id, Outcome(answer["outcome"]), at, started, answer["run_id"])
    except (KeyError, TypeError, ValueError) as error:
        raise MalformedEventError(
            f"The event says not how a small run ended ({type(error).__name__})."
            " Look at the rule metriccare_small_run_ended."
        ) from error


class SmallRunFunction:
    """The deployed function."""

    def __init__(self, client: LambdaClient, name: str) -> None:
        self._client, self._name = client, name

    def start(self) -> None:
        """Call it without waiting: calls wait for one another at Lambda."""
        self._client.invoke(FunctionName=self._name, InvocationType="Event", Payload=b"{}")
