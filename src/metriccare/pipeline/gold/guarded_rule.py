"""A mart's rule over one person, or the failure of the rule: nobody stops the run of all others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and -(2**31) <= value < 2**31,
    "bigint": lambda value: isinstance(value, int) and -(2**63) <= value < 2**63,
    "date": lambda value: isinstance(value, date) and not isinstance(value, datetime),
    "timestamp": lambda value: isinstance(value, datetime),
    # Amounts of 18 digits with the cents, as the published views cast them.
    MONEY: lambda value: isinstance(value, Decimal) and value.adjusted() < 16,
    UNITS: lambda value: isinstance(value, Decimal) and value.adjusted() < 14,
    "array<string>": lambda value: all(isinstance(each, str | None) for each in value),
}


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
        fits = [(column.name, _FITS[column.type]) for column in self.outputs[table]]
        for row in rows:
            for name, is_fitting in fits:
                value = row.get(name)
                if value is not None and not is_fitting(value):
                    raise TypeError(f"gold.{table}.{name} does not hold this value.")
