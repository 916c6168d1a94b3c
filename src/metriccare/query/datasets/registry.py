"""The registry of all datasets, in the order in which people read them."""

from __future__ import annotations

from functools import cache
from importlib import import_module

from metriccare.query.datasets.declaration import Dataset

# One module for each subject. They are imported when asked for: the columns of some are derived
# from views, which takes a tenth of a second, and most commands read one subject.
SUBJECTS = ("measures", "revenue", "receivables", "data", "operations")


@cache
def datasets() -> tuple[Dataset, ...]:
    """Return every dataset."""
    return tuple(each for subject in SUBJECTS for each in datasets_of(subject))


@cache
def datasets_of(subject: str) -> tuple[Dataset, ...]:
    """Return the datasets of a subject."""
    found: tuple[Dataset, ...] = import_module(f"{__package__}.{subject}").DATASETS
    return found


def dataset(name: str) -> Dataset | None:
    """Return a dataset by its name; None if there is none."""
    return next((each for each in datasets() if each.name == name), None)
