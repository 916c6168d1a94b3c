"""Computed results compared with the answer key of the generator."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from metriccare.errors import UsageError
from metriccare.marts.periods import MONTH
from metriccare.marts.revenue.kpis import BY_ID

Key = tuple[str, ...]
Counts = tuple[int, int]
# Numerator, denominator, median and 90th percentile of a KPI; 0 stands for what is not there.
Figure = tuple[Decimal, Decimal, Decimal, Decimal]

RESULTS_SQL = (
    "SELECT measure_id, grain, period_start, stratum_type, stratum_value, numerator, denominator"
    " FROM gold.measure_result WHERE denominator > 0"
)
KPI_COLUMNS = (
    *("kpi_id", "grain", "period_start", "stratum_type", "stratum_value"),
    *("numerator", "denominator", "median", "percentile_90"),
)
_NOTHING: Figure = (Decimal(0), Decimal(0), Decimal(0), Decimal(0))


@dataclass(frozen=True)
class Truth:
    """The answer key: the date it is valid for, and every result by its key.

    `kpis` are empty, and `closes` and `denials` too, where the generator left out the money.
    """

    as_of: str
    counts: Mapping[Key, Counts]
    kpis: Mapping[Key, Figure] = field(default_factory=dict)
    denials: tuple[Mapping[str, Any], ...] = ()
    closes: Mapping[Key, Figure] = field(default_factory=dict)


@dataclass(frozen=True)
class Comparison:
    """How many results agree, and those that do not: key, computed, true (None where absent)."""

    equal: int
    different: tuple[tuple[Key, Any, Any], ...]

    @property
    def total(self) -> int:
        """Return how many results either side has."""
        return self.equal + len(self.different)

    def __add__(self, other: Comparison) -> Comparison:
        """Return both together."""
        return Comparison(self.equal + other.equal, self.different + other.different)


def read_truth(path: Path) -> Truth:
    """Read `truth.json`; UsageError when it is missing or not one."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        rows: list[dict[str, Any]] = document["measures"]
        return Truth(
            document["as_of"],
            {_key(row, "measure_id"): _counts(row) for row in rows if row["denominator"]},
            _figures(document.get("kpis", ())),
            tuple(document.get("denials", ())),
            _figures({"grain": MONTH, **row} for row in document.get("closes", ())),
        )
    except (OSError, ValueError, KeyError) as error:
        raise UsageError(f"{path} is not a generator's answer key.") from error


def compare(truth: Truth, results: Iterable[Mapping[str, Any]]) -> Comparison:
    """Return the comparison of measures with the truth, for measures the answer key knows."""
    known = {key[0] for key in truth.counts}
    found = {_key(row, "measure_id"): _counts(row) for row in results if row["measure_id"] in known}
    return compare_by_key(found, truth.counts)


def compare_kpis(truth: Truth, results: Iterable[Mapping[str, Any]]) -> Comparison:
    """Return the comparison of KPIs with the truth, for KPIs that both sides know.

    Of them, only grains and strata that the answer key knows count. A figure of 0 / 0 says that
    there is nothing, as a missing one does.
    """
    return _compare_figures(truth.kpis, results)


def compare_closes(truth: Truth, closed: Iterable[Mapping[str, Any]]) -> Comparison:
    """Return the comparison of closed figures (rows of gold.kpi_close) with the truth."""
    return _compare_figures(truth.closes, closed)


def _compare_figures(
    figures: Mapping[Key, Figure], rows: Iterable[Mapping[str, Any]]
) -> Comparison:
    true = {key: figure for key, figure in figures.items() if key[0] in BY_ID}
    known = {_known(key) for key in true}
    found = _figures(rows)
    return compare_by_key({k: v for k, v in found.items() if _known(k) in known}, true)


def kpis_without_rule(truth: Truth) -> tuple[str, ...]:
    """Return the KPIs of the answer key that the pipeline does not compute."""
    return tuple(sorted({key[0] for key in truth.kpis} - BY_ID.keys()))


def compare_by_key(found: Mapping[Key, Any], true: Mapping[Key, Any]) -> Comparison:
    """Return the comparison of computed values with true ones of the same keys."""
    keys = sorted(true.keys() | found.keys())
    wrong = ((key, found.get(key), true.get(key)) for key in keys)
    different = tuple(row for row in wrong if row[1] != row[2])
    return Comparison(len(keys) - len(different), different)


def _known(key: Key) -> Key:
    kpi, grain, _, stratum_type, _ = key
    return kpi, grain, stratum_type


def _figures(rows: Iterable[Mapping[str, Any]]) -> dict[Key, Figure]:
    found = ((_key(row, "kpi_id"), _figure(row)) for row in rows)
    return {key: figure for key, figure in found if figure != _NOTHING}


def _key(row: Mapping[str, Any], id_: str) -> Key:
    period = str(row["period_start"] or "")
    return (row[id_], row["grain"], period, row["stratum_type"], row["stratum_value"])


def _counts(row: Mapping[str, Any]) -> Counts:
    return int(row["numerator"]), int(row["denominator"])


def _figure(row: Mapping[str, Any]) -> Figure:
    numerator, denominator, median, percentile = (
        Decimal(row.get(name) or 0)
        for name in ("numerator", "denominator", "median", "percentile_90")
    )
    return numerator, denominator, median, percentile
