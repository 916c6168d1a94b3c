"""Computed results compared with the answer key of the generator."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from metriccare.errors import UsageError

Key = tuple[str, str, str, str, str]
Counts = tuple[int, int]

RESULTS_SQL = (
    "SELECT measure_id, grain, period_start, stratum_type, stratum_value, numerator, denominator"
    " FROM gold.measure_result WHERE denominator > 0"
)


@dataclass(frozen=True)
class Truth:
    """The answer key: the date it is valid for and the counts of every result."""

    as_of: str
    counts: Mapping[Key, Counts]


@dataclass(frozen=True)
class Comparison:
    """How many results agree, and those that do not: key, computed, true (None where absent)."""

    equal: int
    different: tuple[tuple[Key, Counts | None, Counts | None], ...]

    @property
    def total(self) -> int:
        """Return how many results either side has."""
        return self.equal + len(self.different)


def read_truth(path: Path) -> Truth:
    """Read `truth.json`; UsageError when it is missing or not one."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        rows: list[dict[str, Any]] = document["measures"]
        return Truth(document["as_of"], {_key(row): _counts(row) for row in rows if _counted(row)})
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"{path} is not a generator's answer key.") from error


def _counted(row: Mapping[str, Any]) -> bool:
    return bool(row["denominator"])


def _key(row: Mapping[str, Any]) -> Key:
    period = str(row["period_start"] or "")
    return (row["measure_id"], row["grain"], period, row["stratum_type"], row["stratum_value"])


def _counts(row: Mapping[str, Any]) -> Counts:
    return int(row["numerator"]), int(row["denominator"])


def compare(truth: Truth, results: Iterable[Mapping[str, Any]]) -> Comparison:
    """Return the comparison of results with the truth, for measures the answer key knows."""
    known = {key[0] for key in truth.counts}
    found = {_key(row): _counts(row) for row in results if row["measure_id"] in known}
    keys = sorted(truth.counts.keys() | found.keys())
    wrong = [(k, found.get(k), truth.counts.get(k)) for k in keys]
    different = tuple(row for row in wrong if row[1] != row[2])
    return Comparison(len(keys) - len(different), different)
