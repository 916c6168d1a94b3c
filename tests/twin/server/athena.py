"""Athena: the command line answers a query from the lake in its bucket.

What Athena itself brings (Trino, its reader of Hudi) is not here; the SQL, the databases' names and
the lake's place are the deployed ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from moto.athena.models import AthenaBackend, QueryResults
from moto.glue.models import glue_backends

from tests.twin.server.functions import REGION
from tests.twin.server.gaps import ACCOUNT, _wrap
from tests.twin.server.processes import Surroundings

_MAIN = "import sys; from metriccare.cli import main; sys.argv[0] = 'metriccare'; main()"


def answer_queries(surroundings: Surroundings) -> None:
    """Make StartQueryExecution run the query."""

    def starting(original: Callable[..., str]) -> Callable[..., str]:
        def start(backend: Any, query: str, *arguments: Any, **named: Any) -> str:
            execution_id = original(backend, query, *arguments, **named)
            rows = _answer(surroundings, query)
            backend.query_results[execution_id] = _results(rows)
            return execution_id

        return start

    _wrap(AthenaBackend, "start_query_execution", starting)


def _answer(surroundings: Surroundings, query: str) -> list[dict[str, Any]]:
    roots = set()
    for database in glue_backends[ACCOUNT][REGION].databases.values():
        root, _, layer = database.input["LocationUri"].rpartition("/")
        query = query.replace(f"{database.name}.", f"{layer}.")
        roots.add(root)
    (lake,) = roots
    done = surroundings.run(
        ["-c", _MAIN, "query", query, "--lake", lake, "--format", "json"],
        surroundings.environment("", {"AWS_ACCESS_KEY_ID": "operator"}),
        surroundings.folder,
        surroundings.folder / "athena.log",
    )
    if done.returncode != 0:
        raise ValueError(done.stderr)
    return list(json.loads(done.stdout))


def _results(rows: list[dict[str, Any]]) -> QueryResults:
    names = list(rows[0]) if rows else []
    table = [dict(zip(names, names, strict=True)), *rows]
    columns = [{"Name": name, "Type": "varchar"} for name in names]
    return QueryResults([{"Data": [_cell(row, name) for name in names]} for row in table], columns)


def _cell(row: Mapping[str, Any], name: str) -> dict[str, str]:
    return {} if row[name] is None else {"VarCharValue": str(row[name])}
