"""Parameters, conditions and JSON schemas of a dataset, derived from its declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from metriccare.api.parameters import DATE, FLAG, INTEGER, TEXT, Parameter
from metriccare.query.datasets.conditions import Condition
from metriccare.query.datasets.declaration import (
    CONTAINS,
    EQ,
    GE,
    IN,
    LT,
    Dataset,
    Filter,
)
from metriccare.query.published.publication import FIGURES

DEFAULT_LIMIT, MOST_ROWS_A_PAGE = 200, 1000
_CONTAINS = "_contains"
_FROM, _TO = "from", "to"
_PAGING = (
    Parameter("limit", "Rows on a page.", INTEGER, default=DEFAULT_LIMIT, least=1,
              most=MOST_ROWS_A_PAGE),
    Parameter("cursor", "Where the page begins: `meta.next` of the page before.", is_opaque=True),
)  # fmt: skip
PUBLICATION = Parameter(
    "publication", "The id of an earlier publication to read, while its files last."
)
_KINDS = {"date": DATE, "timestamp": DATE, "boolean": FLAG, "bigint": INTEGER, "int": INTEGER}
_JSON_TYPES: Mapping[str, Mapping[str, Any]] = {
    "string": {"type": ["string", "null"]},
    "bigint": {"type": ["integer", "null"]},
    "int": {"type": ["integer", "null"]},
    "double": {"type": ["number", "null"]},
    "boolean": {"type": ["boolean", "null"]},
    "date": {"type": ["string", "null"], "format": "date"},
    "timestamp": {"type": ["string", "null"], "format": "date-time"},
}


def parameters_of(dataset: Dataset, fixed: Sequence[str] = ()) -> tuple[Parameter, ...]:
    """Return what a list of a dataset takes; columns in `fixed` are decided by the address."""
    filters = [each for each in dataset.filters if each.column not in fixed]
    found = [parameter for each in filters for parameter in _of_filter(dataset, each)]
    sorts = ", ".join(dict.fromkeys((*dataset.sorts, *dataset.key)))
    sort = Parameter("sort", f"Columns to sort by, `-` for falling; any of: {sorts}.")
    # Of operations only the newest is kept.
    pinned = (PUBLICATION,) if dataset.pointer == FIGURES else ()
    return (*found, sort, *_PAGING, *pinned)


def conditions_of(
    dataset: Dataset, values: Mapping[str, Any], fixed: Mapping[str, Any] | None = None
) -> tuple[Condition, ...]:
    """Return the conditions that checked parameters mean, with those of the address."""
    found = [Condition(column, IN, (value,)) for column, value in (fixed or {}).items()]
    for each in dataset.filters:
        if each.column not in (fixed or {}):
            found += _conditions(each, values)
    return tuple(found)


def _conditions(each: Filter, values: Mapping[str, Any]) -> list[Condition]:
    found = []
    asked = values.get(each.column)
    if asked not in (None, ()):
        is_many = isinstance(asked, tuple)
        found.append(Condition(each.column, IN if is_many else EQ, asked if is_many else (asked,)))
    if CONTAINS in each.operators and values.get(each.column + _CONTAINS):
        found.append(Condition(each.column, CONTAINS, (values[each.column + _CONTAINS],)))
    for name, operator in ((_FROM, GE), (_TO, LT)):
        if operator in each.operators and values.get(name):
            found.append(Condition(each.column, operator, (values[name],)))
    return found


def _of_filter(dataset: Dataset, each: Filter) -> list[Parameter]:
    column = dataset.column(each.column)
    meaning = f"{column.meaning if column else each.column}."
    kind = _kind(column.type if column else "string")
    found = []
    if EQ in each.operators or IN in each.operators:
        is_many = IN in each.operators
        words = f"{meaning} Repeat it for several." if is_many else meaning
        found.append(Parameter(each.column, words, kind, each.values, is_many))
    if CONTAINS in each.operators:
        found.append(Parameter(each.column + _CONTAINS, f"Part of: {meaning}"))
    if GE in each.operators:
        found.append(Parameter(_FROM, f"First day, by {each.column}.", kind))
        found.append(Parameter(_TO, f"The day after the last, by {each.column}.", kind))
    return found


def _kind(type_: str) -> str:
    return _KINDS.get(type_, TEXT)


def row_schema(dataset: Dataset) -> dict[str, Any]:
    """Return the JSON schema of a row."""
    return {
        "type": "object",
        "required": list(dataset.column_names),
        "properties": {
            column.name: {**_json_type(column.type), "description": column.meaning}
            for column in dataset.columns
        },
    }


def _json_type(type_: str) -> Mapping[str, Any]:
    if type_.startswith("decimal"):
        return {"type": ["string", "null"], "format": "decimal"}
    if type_.startswith("array"):
        return {"type": ["array", "null"], "items": {"type": "string"}}
    return _JSON_TYPES[type_]
