"""The rules over one person: what gold holds of the person, or the failure of the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from metriccare.engine.protocol import Row
from metriccare.incremental.context import RunContext
from metriccare.measures.compute import compute
from metriccare.measures.facility import Facilities
from metriccare.measures.rulebook import Rulebook
from metriccare.pipeline.gold.facilities import facilities_of
from metriccare.pipeline.gold.failures import FAILURE, failure_of
from metriccare.pipeline.gold.person_rows import history_of, rows_of
from metriccare.settings import Settings
from metriccare.tables import Column
from metriccare.tables import gold as tables
from metriccare.tables.declaration import ORDERING, RECORD_KEY, RUN_ID, TENANT

# Tables whose rows belong to one person each; the stays are written last.
PERSON_TABLES = (
    tables.EPISODE,
    tables.MEASURE_STAY,
    tables.INFECTION_EVENT,
    tables.STAY_DAY,
    tables.STAY,
)
# Persons on whom the rules failed, beside the tables of those who were computed.
FAILED = "failed"
_STAMPED = frozenset({RUN_ID.name, RECORD_KEY.name, ORDERING.name})
OUTPUTS: Mapping[str, Sequence[Column]] = {
    FAILED: (
        TENANT,
        Column("person_id", "string", "the person"),
        *(Column(name, type_, "") for name, type_ in FAILURE),
    ),
    **{t.name: tuple(c for c in t.columns if c.name not in _STAMPED) for t in PERSON_TABLES},
}


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
        tenant = row["tenant"]
        try:
            rows = self._computed(row)
        except Exception as error:
            person = {"tenant": tenant, "person_id": row["person_id"]}
            return {FAILED: [person | failure_of(error, row, self.rules.codes)]}
        return rows

    def _computed(self, row: Row) -> dict[str, list[dict[str, Any]]]:
        tenant, rules = row["tenant"], self.rules
        as_of = self.as_of_by_tenant.get(tenant, self.as_of)
        history = history_of(row, as_of, facilities_of(self.places, self.settings, tenant))
        made = rows_of(compute(history, rules.codes, rules.planned, rules.ages))
        for rows in made.values():
            for each in rows:
                each["tenant"] = tenant
        return made
