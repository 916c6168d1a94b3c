"""Published figures in the words people read: counts, values with units, intervals, periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from metriccare.marts.measures import BY_ID
from metriccare.marts.measures.definition import MEAN, PROPORTION, Measure
from metriccare.marts.periods import ALL, QUARTER, YEAR

# The count that made a row hidden is one of 1 to 10; the others beside it may be larger.
HIDDEN = "hidden (1-10)"
HIDDEN_BESIDE = "hidden"
NONE = "-"
Record = Mapping[str, Any]


def value_text(measure: Measure, row: Record) -> str:
    """Return the value with its unit, such as `13.3 %` or `4.6 days`."""
    if row["suppressed"]:
        return HIDDEN
    return _with_unit(measure, row["value"])


def interval_text(measure: Measure, row: Record) -> str:
    """Return the 95 % interval such as `10.7-16.8 %`, or a dash."""
    low, high = row["ci_low"], row["ci_high"]
    if low is None or high is None:
        return NONE
    scaled = [_number(measure, end) for end in (low, high)]
    return f"{scaled[0]}-{scaled[1]}" + (" %" if measure.shape == PROPORTION else "")


def count_text(count: int | None, *, suppressed: bool) -> str:
    """Return a count with thousands separated; hidden ones say so."""
    if suppressed:
        return HIDDEN_BESIDE
    return NONE if count is None else f"{count:,}"


def counts_text(measure: Measure, row: Record) -> str:
    """Return what was divided by what, such as `480 of 3,600 stays`; nothing of it is hidden."""
    numerator, denominator = (
        count_text(row[side], suppressed=False) for side in ("numerator", "denominator")
    )
    if measure.shape == MEAN:
        return f"{numerator} days in {denominator} discharges"
    if measure.shape == PROPORTION:
        return f"{numerator} of {denominator} {measure.denominator_unit}"
    return f"{numerator} events in {denominator} {measure.denominator_unit}"


def number_text(measure: Measure, value: float | None) -> str:
    """Return the value without its unit."""
    return NONE if value is None else _number(measure, value)


def unit(measure: Measure) -> str:
    """Return the words after a value, such as `per 1,000 patient days`."""
    if measure.shape == PROPORTION:
        return "%"
    if measure.shape == MEAN:
        return "days"
    return f"per {measure.per:,} {measure.denominator_unit}"


def scaled(measure: Measure, value: float | None) -> float | None:
    """Return the value as charts show it: proportions in percent."""
    if value is None:
        return None
    return value * 100 if measure.shape == PROPORTION else value


def period_text(grain: str, start: date | None) -> str:
    """Return a period such as `2024`, `2024 Q1`, `2024-03` or `all time`."""
    if start is None or grain == ALL:
        return "all time"
    if grain == QUARTER:
        return f"{start:%Y} Q{(start.month + 2) // 3}"
    return f"{start:%Y}" if grain == YEAR else f"{start:%Y-%m}"


def measure_of(measure_id: str) -> Measure:
    """Return a measure's definition; KeyError for an id no registered measure has."""
    return BY_ID[measure_id]


def with_unique_names(records: Sequence[Record], name: str, id_: str) -> tuple[dict[str, Any], ...]:
    """Return records with names that belong to one id: where several share a name, with the id."""
    ids: dict[tuple[str, str], set[str]] = {}
    for record in records:
        ids.setdefault((record["tenant"], record[name]), set()).add(record[id_])
    return tuple(
        {**record, name: f"{record[name]} ({record[id_]})"}
        if len(ids[record["tenant"], record[name]]) > 1
        else dict(record)
        for record in records
    )


def _with_unit(measure: Measure, value: float | None) -> str:
    return NONE if value is None else f"{_number(measure, value)} {unit(measure)}"


def _number(measure: Measure, value: float) -> str:
    shown = scaled(measure, value)
    return f"{shown:,.1f}" if measure.shape == PROPORTION else f"{shown:,.2f}"
