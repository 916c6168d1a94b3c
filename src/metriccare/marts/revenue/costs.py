"""The cost of the revenue cycle, which the user gives by month and facility, beside collections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from metriccare.engine.protocol import Engine, RelationT
from metriccare.marts.periods import periods_of
from metriccare.marts.revenue.figures import KpiKey, Sums
from metriccare.marts.revenue.kpi_sums import KpiSums
from metriccare.marts.revenue.kpis.cost_to_collect import COST_TO_COLLECT
from metriccare.marts.revenue.kpis.total_collections import TOTAL_COLLECTIONS
from metriccare.tables.strata import OVERALL, UNKNOWN, WHOLE

# The silver table of the user's file.
COST_FEED = "feed_revenue_cycle_cost"
_FACILITY = "facility"
_COSTS = """
select
  tenant, cast(trunc(month, 'month') as date) as month,
  coalesce(facility_id, 'unknown') as facility,
  sum(cast(cast(amount as decimal(18,2)) * 100 as bigint)) as amount
from costs
where not coalesce(deleted, false) and month is not null
group by tenant, cast(trunc(month, 'month') as date), coalesce(facility_id, 'unknown')
"""
_NOTHING = Sums(0, 0, 0, 0, 0, 0)


@dataclass
class _Collections:
    """A tenant's collections by key; costs have no currency, so there must be only one."""

    sums: dict[KpiKey, Sums] = field(default_factory=dict)
    currencies: set[str] = field(default_factory=set)


def cost_sums(
    engine: Engine[RelationT], tables: Mapping[str, RelationT], sums: Iterable[KpiSums]
) -> Iterator[KpiSums]:
    """Yield costs beside collections, overall and by facility; nothing without the user's file."""
    if COST_FEED not in tables:
        return
    collected: dict[str, _Collections] = {}
    for tenant, key, own in sums:
        if key.kpi_id == TOTAL_COLLECTIONS.id and key.stratum_type in (OVERALL, _FACILITY):
            of_tenant = collected.setdefault(tenant, _Collections())
            of_tenant.sums[key._replace(kpi_id=COST_TO_COLLECT.id)] = own
            of_tenant.currencies.add(key.currency)
    costs: dict[tuple[str, KpiKey], int] = {}
    for row in engine.rows(engine.sql(_COSTS, costs=tables[COST_FEED])):
        currencies = collected.get(row["tenant"], _Collections()).currencies
        if len(currencies) == 1:
            for key in _keys(row["month"], row["facility"] or UNKNOWN, *currencies):
                place = (row["tenant"], key)
                costs[place] = costs.get(place, 0) + int(row["amount"])
    for (tenant, key), cost in costs.items():
        found = collected[tenant].sums.get(key, _NOTHING)
        # The denominator is the cash that the other KPI has as its numerator.
        yield KpiSums(tenant, key, replace(found, numerator=cost, denominator=found.numerator))


def _keys(month: date, facility: str, currency: str) -> Iterator[KpiKey]:
    for grain, start in periods_of(month):
        for stratum in ((OVERALL, WHOLE), (_FACILITY, facility)):
            yield KpiKey(COST_TO_COLLECT.id, grain, start, *stratum, currency)
