"""What Athena does and moto does not: answers in pages, and the reason of a failure."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import pytest
from moto.athena.models import AthenaBackend, QueryResults, athena_backends
from moto.athena.responses import AthenaResponse

from metriccare import naming
from metriccare.query.engine import Rows, SqlEngine

ACCOUNT, REGION = "123456789012", "us-east-1"
PAGE_ROWS = 1000


def post(address: str, path: str, body: object) -> None:
    """Tell moto something by its own API."""
    request = urllib.request.Request(
        f"{address}/moto-api/{path}",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    urllib.request.urlopen(request, timeout=10).close()


def queue_answer(
    address: str,
    columns: Sequence[tuple[str, str, int, int]],
    rows: Sequence[Sequence[str | None]],
) -> None:
    """Have the next query answer these rows, after the row of names that every SELECT has."""
    table = [[column[0] for column in columns], *rows]
    cells = [{"Data": [{} if v is None else {"VarCharValue": v} for v in row]} for row in table]
    described = [
        {"Name": name, "Label": name, "Type": kind, "Precision": precision, "Scale": scale}
        for name, kind, precision, scale in columns
    ]
    answer = {"rows": cells, "column_info": described}
    post(address, "static/athena/query-results", {"results": [answer]})


def wait_at_every_state(address: str, times: int) -> None:
    """Have a query stay queued, then running, for so many looks at it."""
    _progress(address, {"progression": "manual", "times": times})


def go_on_at_once(address: str) -> None:
    """Have a query succeed at the first look at it, as it does unless a test says otherwise."""
    _progress(address, {"progression": "immediate"})


def _progress(address: str, transition: dict[str, Any]) -> None:
    wanted = {"model_name": "athena::execution", "transition": transition}
    post(address, "state-manager/set-transition", wanted)


def executions() -> list[Any]:
    """Return the queries that were started."""
    return list(athena_backends[ACCOUNT][REGION].executions.values())


def answer_in_pages(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Cut answers as Athena does; return a list that grows by each page's number of rows."""
    original: Callable[..., str] = AthenaResponse.get_query_results
    pages: list[int] = []

    def in_pages(response: AthenaResponse) -> str:
        answer = json.loads(original(response))
        start = int(response._get_param("NextToken") or 0)
        size = int(response._get_param("MaxResults") or PAGE_ROWS)
        assert size <= PAGE_ROWS, "Athena refuses more"
        rows = answer["ResultSet"]["Rows"]
        answer["ResultSet"]["Rows"] = rows[start : start + size]
        pages.append(len(answer["ResultSet"]["Rows"]))
        if start + size < len(rows):
            answer["NextToken"] = str(start + size)
        return json.dumps(answer)

    monkeypatch.setattr(AthenaResponse, "get_query_results", in_pages)
    return pages


def fail_queries(monkeypatch: pytest.MonkeyPatch, reason: str) -> None:
    """Have every query fail for a reason, as Athena says it."""
    original: Callable[..., str] = AthenaResponse.get_query_execution

    def failed(response: AthenaResponse) -> str:
        answer = json.loads(original(response))
        answer["QueryExecution"]["Status"] |= {"State": "FAILED", "StateChangeReason": reason}
        return json.dumps(answer)

    monkeypatch.setattr(AthenaResponse, "get_query_execution", failed)


def refuse_unknown_workgroups(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have Athena refuse a workgroup that is not there; moto answers nothing."""
    original: Callable[..., Any] = AthenaResponse.get_work_group

    def refused(response: AthenaResponse) -> Any:
        name = response._get_param("WorkGroup")
        if response.athena_backend.get_work_group(name) is None:
            return response.error(f"WorkGroup {name} is not found.", 400)
        return original(response)

    monkeypatch.setattr(AthenaResponse, "get_work_group", refused)


def answer_by(monkeypatch: pytest.MonkeyPatch, engine: SqlEngine, workspace: str) -> None:
    """Have Athena answer each query with what another engine says, written as Athena writes it."""
    original: Callable[..., str] = AthenaBackend.start_query_execution

    def start(backend: Any, query: str, *arguments: Any, **named: Any) -> str:
        execution = original(backend, query, *arguments, **named)
        text = query
        for layer in naming.LAYERS:
            text = text.replace(naming.database(layer, workspace), layer)
        backend.query_results[execution] = _results(engine.query(text))
        return execution

    monkeypatch.setattr(AthenaBackend, "start_query_execution", start)


def _results(rows: Rows) -> QueryResults:
    columns: list[Any] = [
        {"Name": name, "Type": kind.name}
        | ({"Precision": kind.params[0], "Scale": kind.params[1]} if kind.name == "decimal" else {})
        for name, kind in zip(rows.columns, rows.types, strict=True)
    ]
    table = [rows.columns, *(tuple(map(_written, row)) for row in rows.rows)]
    cells = [{"Data": [{} if v is None else {"VarCharValue": v} for v in row]} for row in table]
    return QueryResults(cells, columns)


def _written(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        zone = f" {value.tzinfo}" if value.tzinfo else ""
        return f"{value:%Y-%m-%d %H:%M:%S.%f}{zone}"
    return str(value)
