"""The rules over one person: what gold holds of the person, or the failure of the rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from metriccare.engine.protocol import Row
from metriccare.incremental.context import RunContext
from metriccare.marts.measures.compute import compute
from metriccare.marts.measures.rulebook import Rulebook
from metriccare.marts.stays.facility import Facilities
from metriccare.pipeline.gold.facilities import facilities_of
from metriccare.pipeline.gold.failures import FAILURE, failure_of
from metriccare.pipeline.gold.person_history import history_of
from metriccare.pipeline.gold.person_rows import rows_of
from metriccare.settings import Settings
from metriccare.tables import Column
from metriccare.tables import gold as tables
from metriccare.tables.declaration import TENANT

# Tables whose rows belong to one person each; the stays are written last.
PERSON_TABLES = (
    tables.EPISODE,
    tables.MEASURE_STAY,
    tables.INFECTION_EVENT,
    tables.STAY_DAY,
    tables.STAY,
)
# The table of persons whose computation failed, beside the tables of the others.
FAILED = "failed"
OUTPUTS: Mapping[str, Sequence[Column]] = {
    FAILED: (
        TENANT,
        Column("person_id", "string", "the person"),
        *(Column(name, type_, "") for name, type_ in FAILURE),
    ),
    **{t.name: t.computed_columns for t in PERSON_TABLES},
}


_FITS: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "int": lambda value: isinstance(value, int) and -(2**31) <= value < 2**31,
    "bigint": lambda value: isinstance(value, int) and -(2**63) <= value < 2**63,
    "date": lambda value: isinstance(value, date) and not isinstance(value, datetime),
    "timestamp": lambda value: isinstance(value, datetime),
    "array<string>": lambda value: all(isinstance(each, str | None) for each in value),
}


def check_fit(table: str, rows: Iterable[Row]) -> None:
    """Raise TypeError for a value that its column cannot hold; the value is not named.

    A table takes many persons' rows over at once: one that does not fit would stop them all.
    """
    fits = [(column.name, _FITS[column.type]) for column in OUTPUTS[table]]
    for row in rows:
        for name, is_fitting in fits:
            value = row.get(name)
            if value is not None and not is_fitting(value):
                raise TypeError(f"gold.{table}.{name} does not hold this value.")


@dataclass(frozen=True)
class PersonRules:
    """The rules in force, with the dates and places of each tenant; a process may take it over."""

    rules: Rulebook
    settings: Settings
    places: Mapping[str, Facilities]
    as_of: date
    as_of_by_tenant: Mapping[str, date]

    @classmethod
    def of(
        cls, context: RunContext, rules: Rulebook, places: Mapping[str, Facilities]
    ) -> PersonRules:
        """Return the rules of a run."""
        by_tenant = dict(context.as_of_by_tenant)
        return cls(rules, context.settings, places, context.as_of, by_tenant)

    def __call__(self, row: Row) -> Mapping[str, Iterable[Row]]:
        """Return a person's rows by table; where the rules fail on the person, the failure.

        What no rule foresaw in the rows of one person must not stop the run of all others.
        """
        try:
            return self._computed(row)
        except Exception as error:
            person = {"tenant": row["tenant"], "person_id": row["person_id"]}
            return {FAILED: [person | failure_of(error, row, self.rules.codes)]}

    def _computed(self, row: Row) -> dict[str, list[dict[str, Any]]]:
        tenant, rules = row["tenant"], self.rules
        as_of = self.as_of_by_tenant.get(tenant, self.as_of)
        history = history_of(row, as_of, facilities_of(self.places, self.settings, tenant))
        made = rows_of(compute(history, rules.codes, rules.planned, rules.ages))
        for table, rows in made.items():
            for each in rows:
                each["tenant"] = tenant
            check_fit(table, rows)
        return made
