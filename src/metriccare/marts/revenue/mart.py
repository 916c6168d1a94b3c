"""The mart of claims and the revenue cycle: accounts person by person, and the KPIs over them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic

from metriccare.engine.protocol import Engine, RelationT
from metriccare.incremental.context import RunContext
from metriccare.incremental.pending_rows import was_filled
from metriccare.marts.affected_persons import (
    OF_RECORDS,
    Linked,
    StoredResult,
    Triggers,
    affected_persons,
    by_type,
    is_outdated,
)
from metriccare.marts.claims.histories import histories, payment_details
from metriccare.marts.claims.lookups import lookups_by_tenant
from metriccare.marts.claims.names import (
    FEEDS,
    Names,
    members_of_claims,
    members_of_patients,
    named_patients,
    sharing_patients,
    with_patients,
)
from metriccare.marts.claims.person_rule import ClaimsRule
from metriccare.marts.mart import Lookups, Sums
from metriccare.marts.persons import RECORD, Scope, nobody
from metriccare.marts.revenue.costs import COST_FEED
from metriccare.marts.revenue.doubts import Doubts
from metriccare.marts.revenue.evidence import evidence
from metriccare.marts.revenue.figures import Figure
from metriccare.marts.revenue.gates import violations
from metriccare.marts.revenue.inputs import CHARGE_ROWS
from metriccare.marts.revenue.kpis import KPIS
from metriccare.marts.revenue.kpis.unbilled import DNFB_COUNT
from metriccare.marts.revenue.published import published
from metriccare.marts.revenue.results import results
from metriccare.tables import Table, claims, revenue
from metriccare.tables import gold as gold_tables
from metriccare.tables import silver as silver_tables
from metriccare.tables.feeds import BY_FEED, RELEASED_NAME

_READ = silver_tables.BY_RESOURCE
_NAMED = (
    *OF_RECORDS,
    *by_type("Encounter", "Claim", "ClaimResponse", "ExplanationOfBenefit", "Coverage"),
    *by_type("ChargeItem"),
)
_EVERYONE = (
    *(_READ[t] for t in ("Organization", "Location", "Practitioner", "PractitionerRole")),
    *(BY_FEED[name] for name in ("providers", "payers", "fee_schedule")),
)
# Without a row of these nobody has claims, and there is nothing to compute.
_SOURCES = (
    *(_READ[t] for t in ("Claim", "ClaimResponse", "ExplanationOfBenefit", "ChargeItem")),
    *(BY_FEED[name] for name in ("claims", "transactions", "charges")),
    revenue.KPI_RESULT,
)
_STORED = "select distinct tenant, as_of, kpi_id as id, kpi_version as version from kpi_result"
_VERSIONS = {kpi.id: kpi.version for kpi in KPIS}


@dataclass(frozen=True)
class RevenueMart(Generic[RelationT]):
    """Claims, accounts, the ledger and KPIs of one run."""

    engine: Engine[RelationT]
    context: RunContext
    lookups: Lookups
    names: Names[RelationT]

    @property
    def person_tables(self) -> Sequence[Table]:
        """Return the tables whose rows belong to one person each."""
        return claims.PERSON_TABLES

    @property
    def not_computed(self) -> Table:
        """Return the table of persons whose computation failed."""
        return claims.CLAIMS_NOT_COMPUTED

    @property
    def summed_tables(self) -> Sequence[Table]:
        """Return the tables of sums; the results, which say as of when they are, come last."""
        # A month that was closed is published beside the results.
        return (revenue.KPI_CLOSE, *revenue.RESULT_TABLES)

    def affected(self) -> Scope[RelationT] | None:
        """Return the persons to compute, or None for everyone."""
        if not any(was_filled(self.engine, table) for table in _SOURCES):
            return nobody(self.engine)
        if self.context.rebuild or not self.engine.commits(revenue.KPI_RESULT):
            return None
        if self._results_differ():
            return None
        linked = (*self._feeds(), Linked(_READ["PaymentReconciliation"], self._of_payments))
        triggers = Triggers(_NAMED, linked, _EVERYONE)
        return affected_persons(self.engine, self.context, triggers, self.not_computed)

    def _results_differ(self) -> bool:
        """Return True if the stored results are of another `as_of`, or by other definitions.

        Without a count of unbilled care they are from before gold had that care.
        """
        rows = self.engine.sql(_STORED, kpi_result=self.engine.read(revenue.KPI_RESULT))
        stored = [StoredResult(**row) for row in self.engine.rows(rows)]
        is_older = bool(stored) and all(each.id != DNFB_COUNT.id for each in stored)
        return is_older or is_outdated(self.context, stored, _VERSIONS)

    def _feeds(self) -> Iterator[Linked[RelationT]]:
        for name, join in FEEDS.items():
            yield Linked(BY_FEED[name], partial(self._of_feed, join))
        yield Linked(RELEASED_NAME, self._of_names)
        yield Linked(_READ["Patient"], self._of_patients)
        for table in (_READ["Claim"], BY_FEED["claims"]):
            yield Linked(table, self._of_shared_numbers)
        yield Linked(_READ["Claim"], self._of_claims)

    def _of_feed(self, join: str, changed: RelationT) -> RelationT:
        return with_patients(self.engine, self.names, join, changed)

    def _of_names(self, changed: RelationT) -> RelationT:
        return named_patients(self.engine, self.names, changed)

    def _of_patients(self, changed: RelationT) -> RelationT:
        return members_of_patients(self.engine, self.names, changed)

    def _of_shared_numbers(self, _: RelationT) -> RelationT:
        return sharing_patients(self.engine, self.names)

    def _of_claims(self, changed: RelationT) -> RelationT:
        return members_of_claims(self.engine, changed)

    def _of_payments(self, changed: RelationT) -> RelationT:
        return payment_details(self.engine, changed)

    def histories(
        self, scope: Scope[RelationT] | None, earlier: Mapping[str, RelationT]
    ) -> RelationT:
        """Return one row per person with claims; claims name the stays of the mart before."""
        return histories(self.engine, self.names, scope, earlier[gold_tables.STAY.name])

    def rule(self) -> ClaimsRule:
        """Return the rules over one person."""
        return ClaimsRule.of(self.context, self.lookups, lookups_by_tenant(self.engine))

    def persons_with_outcome(self) -> RelationT:
        """Return nobody: no death or infection is decided here."""
        return self.engine.from_rows(RECORD, [])

    def sums(self, whole: Mapping[str, RelationT]) -> Sums[RelationT]:
        """Return evidence, results and published KPIs."""
        engine, rules = self.engine, self.context.settings.revenue
        found = results(engine, {**whole, **self.further_inputs()}, self.context)
        relations = {
            revenue.KPI_ACCOUNT.name: evidence(engine, found.sources, found.inputs.dates),
            **found.relations,
        }
        closed = engine.rows(engine.read(revenue.KPI_CLOSE))
        doubts = Doubts(engine, self.context, self.names.claim_name)
        shown = published(engine, found, rules.small_cells, self._labels(found.figures), closed)
        return Sums(
            tables=[(table, relations[table.name]) for table in revenue.RESULT_TABLES],
            published=[(table, shown[table.name]) for table in revenue.PUBLISHED_TABLES],
            violations=violations(engine, whole, found, closed),
            shares=doubts.shares(whole, found.figures, closed),
        )

    def further_inputs(self) -> Mapping[str, RelationT]:
        """Return what results need beside the claims tables: costs and charges, as far as sent."""
        costs = BY_FEED["revenue_cycle_cost"]
        sent = [t for t in (_READ["ChargeItem"], BY_FEED["charges"]) if self.engine.commits(t)]
        found = {COST_FEED: self.engine.read(costs)} if self.engine.commits(costs) else {}
        if sent:
            every = " union all ".join(f"select tenant from {table.name}" for table in sent)
            read = {table.name: self.engine.read(table) for table in sent}
            found[CHARGE_ROWS] = self.engine.sql(every, None, **read)
        return found

    def _labels(self, figures: Iterable[Figure]) -> dict[tuple[str, str, str], str]:
        """Return the names of facilities and insurers."""
        found = {}
        for tenant, kind, value in {(f.tenant, *f.key[3:5]) for f in figures}:
            places = self.lookups.places.get(tenant)
            name = places.name(value) if places and kind in ("facility", "payer_id") else None
            if name is not None:
                found[tenant, kind, value] = name
        return found

    def stored_sums(self) -> Sums[RelationT]:
        """Return nothing: the gates compare no results of this mart."""
        return Sums()
