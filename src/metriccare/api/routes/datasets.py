"""Every declared dataset: what there is, what it means, and its rows."""

from __future__ import annotations

from typing import Any

from metriccare.api.endpoint import Call, Endpoint, Open, Reply
from metriccare.api.lists import ListOf
from metriccare.api.parameters import Parameter
from metriccare.api.problems import Problem
from metriccare.query.datasets.declaration import Dataset
from metriccare.query.datasets.registry import dataset, datasets


def described(found: Dataset) -> dict[str, Any]:
    """Return a dataset's declaration as JSON."""
    return {
        "name": found.name,
        "title": found.title,
        "meaning": found.meaning,
        "right": found.right,
        "columns": [
            {"name": c.name, "kind": c.kind, "type": c.type, "meaning": c.meaning}
            for c in found.columns
        ],
        "filters": [
            {"column": f.column, "operators": f.operators, "values": f.values}
            for f in found.filters
        ],
        "sorts": tuple(dict.fromkeys((*found.sorts, *found.key))),
        "order": found.order,
        "key": found.key,
        "drills": [{"dataset": d.dataset, "filters": d.filters} for d in found.drills],
        "rows": f"/v1/datasets/{found.name}/rows",
    }


def all_datasets(call: Call) -> Reply:
    """Return the datasets that the caller may read."""
    rights = call.known.person.rights
    return Reply({"data": [described(each) for each in datasets() if each.right in rights]})


def one_dataset(call: Call) -> Reply:
    """Return one dataset; one that the caller may not read does not exist for them."""
    found = dataset(call.values["name"])
    if found is None or found.right not in call.known.person.rights:
        raise Problem("not-found")
    return Reply(described(found))


ENDPOINTS = (
    Endpoint("/v1/datasets", all_datasets, Open.SIGNED_IN, "The datasets you may read"),
    Endpoint(
        "/v1/datasets/{name}",
        one_dataset,
        Open.SIGNED_IN,
        "A dataset's columns, filters and meaning",
        parameters=(Parameter("name", "The dataset.", is_in_path=True),),
    ),
    *(
        endpoint
        for each in datasets()
        for endpoint in ListOf(
            f"/v1/datasets/{each.name}/rows", each, f"Rows of: {each.title}"
        ).endpoints()
    ),
)
