"""Conditions on the rows of a dataset: parsed from words, checked against its declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from metriccare.query.datasets.declaration import CONTAINS, IN, Dataset
from metriccare.query.published.refusals import InvalidParameter

# Of one filter: as many hospitals as a group has, and no more than a page of addresses can hold.
_MOST_VALUES = 200
# Longer than every id and name in a published row.
_LONGEST_VALUE = 200


@dataclass(frozen=True, order=True)
class Condition:
    """A column, an operator of its filter, and typed values: one, except of `in`."""

    column: str
    operator: str
    values: tuple[Any, ...]


def condition(dataset: Dataset, column: str, operator: str, words: Sequence[str]) -> Condition:
    """Return a condition with the words as values of the column's type.

    Raises InvalidParameter for a column that is not filtered, an operator or a value it does not
    take.
    """
    declared, typed = dataset.filter(column), dataset.column(column)
    if declared is None or typed is None:
        known = ", ".join(each.column for each in dataset.filters)
        raise InvalidParameter(column, f"{dataset.name} has no such filter; known: {known}.")
    if operator not in declared.operators:
        raise InvalidParameter(column, f"takes {', '.join(declared.operators)}.")
    _check_count(column, operator, words)
    if declared.values and operator != CONTAINS and not set(words) <= set(declared.values):
        raise InvalidParameter(column, f"takes {', '.join(declared.values)}.")
    values = tuple(_value(column, typed.type, word) for word in words)
    return Condition(column, operator, tuple(sorted(set(values))) if operator == IN else values)


def _check_count(column: str, operator: str, words: Sequence[str]) -> None:
    wanted = range(1, _MOST_VALUES + 1) if operator == IN else range(1, 2)
    if len(words) not in wanted:
        most = f"1 to {_MOST_VALUES} values" if operator == IN else "one value"
        raise InvalidParameter(column, f"takes {most}.")


def _value(column: str, type_: str, word: str) -> Any:
    if len(word) > _LONGEST_VALUE or "\0" in word or not word.isprintable():
        raise InvalidParameter(column, f"takes at most {_LONGEST_VALUE} printable characters.")
    parse, wanted = _PARSERS.get(type_.partition("(")[0], (str, "a text"))
    try:
        return parse(word)
    except (ValueError, InvalidOperation) as error:
        raise InvalidParameter(column, f"takes {wanted}.") from error


def _flag(word: str) -> bool:
    if word not in ("true", "false"):
        raise ValueError(word)
    return word == "true"


def _decimal(word: str) -> Decimal:
    number = Decimal(word)
    if not number.is_finite():
        raise ValueError(word)
    return number


_PARSERS: Mapping[str, tuple[Callable[[str], Any], str]] = {
    "bigint": (int, "a whole number"),
    "int": (int, "a whole number"),
    "double": (float, "a number"),
    "decimal": (_decimal, "a number"),
    "boolean": (_flag, "true or false"),
    "date": (date.fromisoformat, "a date such as 2024-03-31"),
    "timestamp": (datetime.fromisoformat, "an instant such as 2024-03-31T00:00:00"),
}
