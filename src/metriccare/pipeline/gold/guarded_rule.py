"""A mart's rule over one person, or the failure of the rule: nobody stops the run of all others."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from metriccare.engine.protocol import Row
from metriccare.marts.mart import PersonRule
from metriccare.pipeline.gold.failures import FAILURE, failure_of
from metriccare.tables import Column, Table
from metriccare.tables.claims import MONEY, UNITS
from metriccare.tables.declaration import TENANT

# The table of persons whose computation failed, beside the tables of the others.
FAILED = "failed"
_FAILED_COLUMNS = (
    TENANT,
    Column("person_id", "string", "the person"),
    *(Column(name, type_, "") for name, type_ in FAILURE),
)


def outputs_of(tables: Sequence[Table]) -> Mapping[str, Sequence[Column]]:
    """Return the columns a guarded rule gives, by the name of the table."""
    return {FAILED: _FAILED_COLUMNS, **{t.name: t.computed_columns for t in tables}}


_CLASSES: Mapping[str, type] = {
    "string": str,
    "boolean": bool,
    "int": int,
    "bigint": int,
    "date": date,
    "timestamp": datetime,
    MONEY: Decimal,
    UNITS: Decimal,
    # Any collection; its entries are looked at.
    "array<string>": object,
}
# Amounts of 18 digits with the cents, as the published views cast them.
_DIGITS: Mapping[str, int] = {MONEY: 16, UNITS: 14}
_LIMITS: Mapping[str, int] = {"int": 2**31, "bigint": 2**63}


def _fit(type_: str, values: Sequence[Any]) -> bool:
    """Return True if a column of this type can hold the values, none of which is None."""
    if not _are(_CLASSES[type_], values):
        return False
    if type_ == "date":
        return not any(issubclass(class_, datetime) for class_ in set(map(type, values)))
    if type_ == "array<string>":
        return _are(str, [each for value in values for each in value if each is not None])
    if type_ in _DIGITS:
        return max(map(Decimal.adjusted, values)) < _DIGITS[type_]
    limit = _LIMITS.get(type_)
    return limit is None or (-limit <= min(values) and max(values) < limit)


def _are(class_: type, values: Iterable[Any]) -> bool:
    # Classes, not values: a run looks at millions of values.
    return all(issubclass(each, class_) for each in set(map(type, values)))


@dataclass(frozen=True)
class GuardedRule:
    """A rule whose rows are checked; a process may take it over."""

    rule: PersonRule
    outputs: Mapping[str, Sequence[Column]]

    def __call__(self, row: Row) -> Mapping[str, Iterable[Row]]:
        """Return a person's rows by table; where the rule fails on the person, the failure.

        What no rule foresaw in the rows of one person must not stop the run of all others.
        """
        try:
            return self._computed(row)
        except Exception as error:
            person = {"tenant": row["tenant"], "person_id": row["person_id"]}
            kept = failure_of(error, has_outcome=self._has_outcome(row))
            return {FAILED: [person | kept]}

    def _computed(self, row: Row) -> dict[str, list[dict[str, Any]]]:
        made = {name: list(rows) for name, rows in self.rule(row).items()}
        for table, rows in made.items():
            for each in rows:
                each["tenant"] = row["tenant"]
            self.check_fit(table, rows)
        return made

    def _has_outcome(self, row: Row) -> bool:
        """Return True if the rule says so; what cannot be looked at may hold one."""
        try:
            return self.rule.has_outcome(row)
        except Exception:
            return True

    def check_fit(self, table: str, rows: Sequence[Row]) -> None:
        """Raise TypeError for a value that its column cannot hold; the value is not named.

        A table takes many persons' rows over at once: one that does not fit would stop them all.
        """
        if not rows:
            return
        for column in self.outputs[table]:
            name = column.name
            values = [value for row in rows if (value := row.get(name)) is not None]
            if values and not _fit(column.type, values):
                raise TypeError(f"gold.{table}.{name} does not hold this value.")
