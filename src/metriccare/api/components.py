"""Named schemas of the OpenAPI document: what several operations share is described once."""

from __future__ import annotations

from typing import Any

from metriccare.api.chart_schemas import SHARED
from metriccare.api.dataset_parameters import row_schema
from metriccare.api.schemas import (
    DATE,
    INSTANT,
    INTEGER,
    TEXT,
    fields,
    many,
    maybe,
    named,
)
from metriccare.query.datasets.declaration import Dataset
from metriccare.query.datasets.registry import datasets

_PROBLEM, _META, _ANSWER_META = "problem", "meta", "answer_meta"
_LINKS = {"type": "object", "additionalProperties": maybe(TEXT)}
_PUBLICATION = {
    "publication": TEXT,
    "run_id": TEXT,
    "as_of": maybe(DATE),
    "published_at": INSTANT,
    "returned": INTEGER,
    "total": INTEGER,
    "hidden": INTEGER,
    "links": _LINKS,
}


def problem_schema() -> dict[str, Any]:
    """Return the schema of an error."""
    return named(_PROBLEM)


def list_schema(dataset: Dataset) -> dict[str, Any]:
    """Return the schema of a list: rows of a dataset in their envelope."""
    return fields(data=many(named(dataset.name)), meta=named(_META))


def components() -> dict[str, Any]:
    """Return every named schema."""
    rows = {each.name: row_schema(each) for each in datasets()}
    list_meta = fields(**_PUBLICATION, dataset=TEXT, filters={"type": "object"}, next=maybe(TEXT))
    return {
        _PROBLEM: _problem(),
        _META: list_meta,
        _ANSWER_META: fields(**_PUBLICATION),
        **SHARED,
        **rows,
    }


def _problem() -> dict[str, Any]:
    instance = {"type": "string", "format": "uuid"}
    found = fields(type=TEXT, title=TEXT, status=INTEGER, detail=TEXT, instance=instance)
    errors = many(fields(**{"in": TEXT, "name": TEXT, "detail": TEXT}))
    return {**found, "properties": {**found["properties"], "errors": errors}}
