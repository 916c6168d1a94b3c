"""What is published: the current publication, and which earlier ones are kept."""

from __future__ import annotations

from typing import Any

from metriccare.access.rights import MARTS_READ
from metriccare.api.dataset_parameters import PUBLICATION
from metriccare.api.encoding import Facts, instant
from metriccare.api.endpoint import Call, Endpoint, Reply
from metriccare.api.parameters import INTEGER as WHOLE_NUMBER
from metriccare.api.parameters import Parameter
from metriccare.api.problems import Problem
from metriccare.api.schemas import DATE, INSTANT, INTEGER, TEXT, fields, many, maybe
from metriccare.query.datasets.declaration import MEASURE, MONEY, Dataset
from metriccare.query.datasets.registry import dataset
from metriccare.query.published.engine import MOST_ROWS
from metriccare.query.published.publication import Publication
from metriccare.query.published.statements import Page

Record = dict[str, Any]

_SCHEMA = fields(
    publication=TEXT,
    run_id=TEXT,
    as_of=maybe(DATE),
    published_at=INSTANT,
    marts=many(fields(mart=TEXT, rows=INTEGER, run_id=TEXT, files_sha256=many(TEXT))),
)


def publication(call: Call) -> Reply:
    """Return the publication that reads are answered from."""
    pinned = call.values["publication"]
    return Reply(_described(call.services.published.publication(call.scope, pinned)))


def _described(found: Publication) -> dict[str, Any]:
    pointer = found.pointer
    return {
        "publication": found.id,
        "run_id": pointer.run_id,
        "as_of": pointer.as_of,
        "published_at": instant(pointer.published_at),
        "marts": [
            {
                "mart": name,
                "rows": manifest.rows,
                "run_id": manifest.run_id,
                "files_sha256": [file.sha256 for file in manifest.files],
            }
            for name, manifest in sorted(found.manifests.items())
        ],
    }


def publications(call: Call) -> Reply:
    """Return the publications that are kept, the newest first."""
    found = call.services.published.history(call.scope)
    return Reply({"data": [_described(each) for each in found]})


def changes(call: Call) -> Reply:
    """Return the rows of a dataset that differ between two publications."""
    found = dataset(call.values["dataset"])
    if found is None or found.right not in call.scope.rights:
        raise Problem("forbidden", "None of your roles may read that dataset.", reason="right")
    before, after = (_by_key(call, found, call.values[name]) for name in ("a", "b"))
    rows = [
        {**dict(zip(found.key, key, strict=True)), "change": change, "before": old, "after": new}
        for key in sorted({*before, *after}, key=repr)
        for old, new in [(before.get(key), after.get(key))]
        if (change := _change(old, new)) is not None
    ]
    shown = rows[: call.values["limit"]]
    call.exchange.object = f"{found.name} {call.exchange.route}"
    meta = {"returned": len(shown), "total": len(rows)}
    return Reply({"data": shown, "meta": meta}, facts=Facts(len(shown)))


def _by_key(call: Call, found: Dataset, publication: str) -> dict[tuple[Any, ...], Record]:
    """Return the figures of every row by its key."""
    page = Page((), MOST_ROWS)
    answer = call.services.published.rows(call.scope, found, (), page, publication)
    names = answer.columns
    kept = [c.name for c in found.columns if c.kind in (MEASURE, MONEY) or c.name == "suppressed"]
    rows = (dict(zip(names, row, strict=True)) for row in answer.rows)
    return {
        tuple(row[name] for name in found.key): {name: row[name] for name in kept} for row in rows
    }


def _change(old: Record | None, new: Record | None) -> str | None:
    """Return what happened to a row; None if its figures are the same."""
    if old is None or new is None:
        return "removed" if new is None else "added"
    if old == new:
        return None
    hidden = (bool(old.get("suppressed")), bool(new.get("suppressed")))
    return {(False, True): "hidden", (True, False): "shown"}.get(hidden, "changed")


_PAIR = (
    Parameter("a", "The id of the earlier publication.", is_in_path=True),
    Parameter("b", "The id of the later publication.", is_in_path=True),
)
ENDPOINTS = (
    Endpoint(
        "/v1/publication",
        publication,
        MARTS_READ,
        "What is published now",
        parameters=(PUBLICATION,),
        schema=_SCHEMA,
        is_cached=True,
        is_poll=True,
    ),
    Endpoint("/v1/publications", publications, MARTS_READ, "Publications that are kept"),
    Endpoint(
        "/v1/publications/{a}/changes/{b}",
        changes,
        MARTS_READ,
        "Rows that differ between two publications",
        parameters=(
            *_PAIR,
            Parameter(
                "dataset",
                "Whose rows are compared.",
                choices=("measure_results", "kpi_results"),
                default="measure_results",
            ),
            Parameter("limit", "How many.", WHOLE_NUMBER, default=200, least=1, most=1000),
        ),
    ),
)
