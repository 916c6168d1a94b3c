"""The data itself: quality, freshness, runs, and fields that nobody reads."""

from __future__ import annotations

from metriccare.access.rights import OPS_READ
from metriccare.api.encoding import Facts
from metriccare.api.endpoint import Call, Endpoint, Reply, Source
from metriccare.api.lists import ListOf
from metriccare.api.named_datasets import named
from metriccare.api.operations import Operations
from metriccare.api.parameters import INTEGER, Parameter
from metriccare.api.problems import Problem

_LIMIT = Parameter("limit", "How many.", INTEGER, default=50, least=1, most=200)


def runs(call: Call) -> Reply:
    """Return the newest runs with what they took in of the caller's tenant."""
    found = _operations(call).runs(call.scope.tenant)[: call.values["limit"]]
    return Reply({"data": found}, facts=Facts(len(found)))


def run(call: Call) -> Reply:
    """Return a run with the files it took in of the caller's tenant."""
    found = _operations(call).run(call.scope.tenant, call.values["id"])
    if found is None:
        raise Problem("not-found")
    return Reply(found, facts=Facts(1 + len(found["files"])))


def drift(call: Call) -> Reply:
    """Return the fields of the caller's tenant that no declaration reads."""
    found = _operations(call).drift(call.scope.tenant)
    return Reply({"data": found}, facts=Facts(len(found)))


def _operations(call: Call) -> Operations:
    """Return where runs are read; not-found where no runs are served."""
    if call.services.operations is None:
        raise Problem("not-found")
    return call.services.operations


ENDPOINTS = (
    *ListOf("/v1/quality", named("data_quality"), "Rows loaded, rejected and flagged").endpoints(),
    *ListOf("/v1/freshness", named("freshness"), "How old the data is").endpoints(),
    Endpoint(
        "/v1/runs",
        runs,
        OPS_READ,
        "The newest runs",
        parameters=(_LIMIT,),
        source=Source.OPERATIONS,
    ),
    Endpoint(
        "/v1/runs/{id}",
        run,
        OPS_READ,
        "A run with its files",
        parameters=(Parameter("id", "The run.", is_in_path=True),),
        source=Source.OPERATIONS,
    ),
    Endpoint(
        "/v1/drift",
        drift,
        OPS_READ,
        "Fields that were sent and nobody reads",
        source=Source.OPERATIONS,
    ),
)
