"""Every declared dataset: what there is, what it means, and its rows."""

from __future__ import annotations

from metriccare.api.endpoint import Call, Endpoint, Open, Reply
from metriccare.api.lists import ListOf
from metriccare.api.parameters import Parameter
from metriccare.api.problems import Problem
from metriccare.query.datasets.registry import dataset, datasets
from metriccare.report.dataset_list import described


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
