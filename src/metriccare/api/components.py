"""Named schemas of the OpenAPI document: what several operations share is described once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from metriccare.api.dataset_parameters import row_schema
from metriccare.query.datasets.declaration import Dataset
from metriccare.query.datasets.registry import datasets

_TEXT: Mapping[str, Any] = {"type": "string"}
PROBLEM: Mapping[str, Any] = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": {"type": "string", "format": "uuid"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["in", "name", "detail"],
                "properties": {"in": _TEXT, "name": _TEXT, "detail": _TEXT},
            },
        },
    },
}
META: Mapping[str, Any] = {
    "type": "object",
    "required": ["publication", "run_id", "as_of", "published_at", "returned", "total", "hidden"],
    "properties": {
        "publication": _TEXT,
        "run_id": _TEXT,
        "as_of": {"type": ["string", "null"], "format": "date"},
        "published_at": {"type": "string", "format": "date-time"},
        "dataset": _TEXT,
        "filters": {"type": "object"},
        "returned": {"type": "integer"},
        "total": {"type": "integer"},
        "hidden": {"type": "integer"},
        "next": {"type": ["string", "null"]},
        "links": {"type": "object", "additionalProperties": {"type": ["string", "null"]}},
    },
}
_PROBLEM, _META = "problem", "meta"


def problem_schema() -> dict[str, Any]:
    """Return the schema of an error."""
    return _named(_PROBLEM)


def list_schema(dataset: Dataset) -> dict[str, Any]:
    """Return the schema of a list: rows of a dataset in their envelope."""
    return {
        "type": "object",
        "required": ["data", "meta"],
        "properties": {
            "data": {"type": "array", "items": _named(dataset.name)},
            "meta": _named(_META),
        },
    }


def components() -> dict[str, Any]:
    """Return every named schema."""
    rows = {each.name: row_schema(each) for each in datasets()}
    return {_PROBLEM: PROBLEM, _META: META, **rows}


def _named(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
