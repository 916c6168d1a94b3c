"""Datasets that endpoints name: one that is missing stops the start."""

from __future__ import annotations

from metriccare.errors import SetupError
from metriccare.query.datasets.declaration import Dataset
from metriccare.query.datasets.registry import dataset


def named(name: str) -> Dataset:
    """Return a dataset; SetupError if it is not declared."""
    found = dataset(name)
    if found is None:
        raise SetupError(f"The API has an endpoint for the dataset {name}, which is not declared.")
    return found
