"""The mart of stays and quality measures: one pass over a person gives both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.marts.affected_persons import (
    OF_RECORDS,
    Linked,
    StoredResult,
    Triggers,
    affected_persons,
    by_type,
    is_outdated,
)
from metriccare.marts.claims.names import FEEDS, Names, named_patients, with_patients
from metriccare.marts.mart import Lookups, Sums
from metriccare.marts.measures import MEASURES, sums
from metriccare.marts.measures.definition import LooksAt
from metriccare.marts.measures.histories import histories
from metriccare.marts.measures.person_rule import MeasuresRule
from metriccare.marts.measures.published import published
from metriccare.marts.measures.result_rows import COLUMNS, TenantResult, results_in, row_of
from metriccare.marts.measures.rulebook import Rulebook
from metriccare.marts.persons import Scope
from metriccare.tables import Table
from metriccare.tables import gold as tables
from metriccare.tables import silver as silver_tables
from metriccare.tables.feeds import BY_FEED, RELEASED_NAME

# The stays are written last: a later run decides by them who is to be computed.
PERSON_TABLES = (
    tables.EPISODE,
    tables.MEASURE_STAY,
    tables.INFECTION_EVENT,
    tables.STAY_DAY,
    tables.STAY,
)
# Results made on changed specimens, which need not name a patient.
_OF_SPECIMENS = (
    "select o.tenant, o.patient_id from observation o left semi join changed s"
    " on o.tenant = s.tenant and o.specimen_id = s.id where not o.deleted"
)
_NAMED = (
    *OF_RECORDS,
    *by_type(
        "Encounter",
        "Condition",
        "Procedure",
        "Claim",
        "ExplanationOfBenefit",
        "Observation",
        "Coverage",
        "Specimen",
    ),
)
_EVERYONE = (
    *(silver_tables.BY_RESOURCE[type_] for type_ in ("Organization", "Location")),
    BY_FEED["payers"],
)
_DEATH_MEASURES = tuple(m.id for m in MEASURES if LooksAt.DEATHS in m.looks_at)


@dataclass(frozen=True)
class MeasuresMart(Generic[RelationT]):
    """Stays, episodes, evidence and results of one run."""

    engine: Engine[RelationT]
    context: RunContext
    lookups: Lookups
    rules: Rulebook
    names: Names[RelationT]

    @property
    def person_tables(self) -> Sequence[Table]:
        """Return the tables whose rows belong to one person each."""
        return PERSON_TABLES

    @property
    def not_computed(self) -> Table:
        """Return the table of persons whose computation failed."""
        return tables.PERSON_NOT_COMPUTED

    @property
    def summed_tables(self) -> Sequence[Table]:
        """Return the tables of sums; the results, which say as of when they are, come last."""
        return (tables.PATIENT_DAY, tables.MEASURE_RESULT)

    @cached_property
    def before(self) -> tuple[TenantResult, ...]:
        """Return the results stored by the run before."""
        return results_in(self.engine.rows(self.engine.read(tables.MEASURE_RESULT)))

    def affected(self) -> Scope[RelationT] | None:
        """Return the persons to compute, or None for everyone."""
        if self.context.rebuild or not self.engine.commits(tables.MEASURE_RESULT):
            return None
        if self._results_differ():
            return None
        linked = (
            Linked(silver_tables.BY_RESOURCE["Specimen"], self._of_specimens),
            # Who pays a stay: rows of members, and names that an erasure or a new row released.
            Linked(BY_FEED["members"], self._of_members),
            Linked(RELEASED_NAME, self._of_names),
        )
        triggers = Triggers(_NAMED, linked, _EVERYONE)
        return affected_persons(self.engine, self.context, triggers, self.not_computed)

    def _of_specimens(self, changed: RelationT) -> RelationT:
        results = self.engine.read(silver_tables.BY_RESOURCE["Observation"])
        return self.engine.sql(_OF_SPECIMENS, observation=results, changed=changed)

    def _of_members(self, changed: RelationT) -> RelationT:
        return with_patients(self.engine, self.names, FEEDS["members"], changed)

    def _of_names(self, changed: RelationT) -> RelationT:
        return named_patients(self.engine, self.names, changed)

    def _results_differ(self) -> bool:
        """Return True if the stored results are of another `as_of`, or by other rules or codes."""
        in_force = {measure.id: self.rules.version(measure) for measure in MEASURES}
        stored = (
            StoredResult(each.tenant, each.as_of, each.result.key.measure_id, each.version)
            for each in self.before
        )
        return is_outdated(self.context, stored, in_force)

    def histories(
        self, scope: Scope[RelationT] | None, earlier: Mapping[str, RelationT]
    ) -> RelationT:
        """Return one row per person who was an inpatient; no earlier mart is read."""
        return histories(self.engine, self.rules, self.names, scope)

    def rule(self) -> MeasuresRule:
        """Return the rules over one person."""
        return MeasuresRule.of(self.context, self.rules, self.lookups.places)

    def persons_with_outcome(self) -> RelationT:
        """Return the persons with a death or an infection among the stored rows."""
        return self.engine.sql(
            model(__package__, "persons_with_outcome"),
            {"death_measures": _DEATH_MEASURES},
            measure_stay=self.engine.read(tables.MEASURE_STAY),
            infection_event=self.engine.read(tables.INFECTION_EVENT),
        )

    def sums(self, whole: Mapping[str, RelationT]) -> Sums[RelationT]:
        """Return patient days, results and published measures."""
        engine = self.engine
        results = sums.compute(engine, self.context, whole, self.rules)
        days = sums.patient_days(engine, whole[tables.STAY_DAY.name])
        rows = engine.from_rows(COLUMNS, map(row_of, results))
        return Sums(
            tables=((tables.PATIENT_DAY, days), (tables.MEASURE_RESULT, rows)),
            published=published(engine, self.context, whole, results, self.lookups.places),
            results=results,
            before=self.before,
        )

    def stored_sums(self) -> Sums[RelationT]:
        """Return the stored results."""
        return Sums(results=self.before, before=self.before)
