"""Datasets as the front end and other programs need them: at `/v1/datasets`, in generated/.

`python -m metriccare.report.dataset_list` writes generated/datasets.json; with `--check` it only
compares.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from metriccare.marts.measures import MEASURES
from metriccare.marts.revenue.kpis import KPIS
from metriccare.query.datasets.declaration import Dataset, Filter
from metriccare.query.datasets.registry import datasets
from metriccare.report.written_page import write_or_check

FILE = Path("generated", "datasets.json")


def values_of(dataset: Dataset, filter_: Filter) -> tuple[str, ...]:
    """Return the closed set of values of a filter; empty if it takes any value.

    Ids of measures and KPIs and the strata of KPIs are those of their registries.
    """
    if filter_.values:
        return filter_.values
    if filter_.column == "measure_id":
        return tuple(measure.id for measure in MEASURES)
    if filter_.column == "kpi_id":
        return tuple(kpi.id for kpi in KPIS)
    if filter_.column == "stratum_type" and dataset.filter("kpi_id") is not None:
        return tuple(dict.fromkeys(name for kpi in KPIS for name in kpi.stratum_types))
    return ()


def dataset_list(of: Sequence[Dataset]) -> Mapping[str, Any]:
    """Return datasets as JSON values, in the order of the registry."""
    return {"datasets": [described(dataset) for dataset in of]}


def described(dataset: Dataset) -> dict[str, Any]:
    """Return a dataset as JSON values; `values` of a filter is its closed set, if it has one."""
    return {
        "name": dataset.name,
        "title": dataset.title,
        "meaning": dataset.meaning,
        "right": dataset.right,
        "columns": [
            {"name": each.name, "kind": each.kind, "type": each.type, "meaning": each.meaning}
            for each in dataset.columns
        ],
        "filters": [
            {
                "column": each.column,
                "operators": list(each.operators),
                "values": list(values_of(dataset, each)),
            }
            for each in dataset.filters
        ],
        "sorts": list(dict.fromkeys((*dataset.sorts, *dataset.key))),
        "order": list(dataset.order or dataset.key),
        "key": list(dataset.key),
        "drills": [
            {"dataset": drill.dataset, "filters": dict(drill.filters)} for drill in dataset.drills
        ],
        "rows": f"/v1/datasets/{dataset.name}/rows",
    }


def main() -> int:
    """Write the file, or with --check compare it; exit code 1 when it is out of date."""
    text = json.dumps(dataset_list(datasets()), indent=2) + "\n"
    return write_or_check(FILE, text, "metriccare.report.dataset_list")


if __name__ == "__main__":
    sys.exit(main())
