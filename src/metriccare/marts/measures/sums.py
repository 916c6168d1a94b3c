"""Results of every measure, period and stratum, from the evidence.

Evidence carries the strata it counts under, so one model sums it by month and stratum; the sums
over time, values and intervals are plain Python on the few rows that are left.
"""

from __future__ import annotations

from collections.abc import Mapping

from metriccare.engine.models import model
from metriccare.engine.protocol import Engine, RelationT, Row, Value
from metriccare.incremental.context import RunContext
from metriccare.marts.measures import BY_ID, MEASURES
from metriccare.marts.measures.counts_model import COUNTS
from metriccare.marts.measures.definition import MEAN, PROPORTION, RATE
from metriccare.marts.measures.result_rows import TenantResult
from metriccare.marts.measures.results import OTHER_TYPE, Count, results_of
from metriccare.marts.measures.rulebook import Rulebook
from metriccare.tables import gold as tables
from metriccare.tables.strata import UNKNOWN

_EVIDENCE = (tables.MEASURE_STAY, tables.INFECTION_EVENT, tables.STAY_DAY)
_PARAMETERS: Mapping[str, Value] = {
    "unknown": UNKNOWN,
    "rates": [m.id for m in MEASURES if m.shape == RATE],
    "typed_rates": [m.id for m in MEASURES if m.shape == RATE and m.has_types],
    "means": [m.id for m in MEASURES if m.shape == MEAN],
    "shares": [m.id for m in MEASURES if m.shape == PROPORTION and m.has_types],
}


def compute(
    engine: Engine[RelationT],
    context: RunContext,
    gold: Mapping[str, RelationT],
    rules: Rulebook,
) -> tuple[TenantResult, ...]:
    """Return every result of every tenant; `gold` are the rows of all persons, by table."""
    by_tenant: dict[str, list[Count]] = {}
    for row in engine.rows(counts(engine, gold)):
        by_tenant.setdefault(row["tenant"], []).append(_count_of(row))
    types = sorted({e.value for e in rules.codes["infections"].entries} - {OTHER_TYPE})
    versions = {measure.id: rules.version(measure) for measure in MEASURES}
    return tuple(
        TenantResult(
            tenant,
            context.as_of_for(tenant),
            result,
            versions[result.key.measure_id],
            rules.predictions.of(tenant, result.key),
        )
        for tenant, of_tenant in sorted(by_tenant.items())
        for result in results_of(of_tenant, BY_ID, types)
    )


def counts(engine: Engine[RelationT], gold: Mapping[str, RelationT]) -> RelationT:
    """Return counts by tenant, measure, month and stratum (of means, also by length)."""
    evidence = {table.name: gold[table.name] for table in _EVIDENCE}
    return engine.sql(COUNTS, _PARAMETERS, **evidence)


def patient_days(engine: Engine[RelationT], stay_day: RelationT) -> RelationT:
    """Return gold.patient_day: patient days by hospital, department and month."""
    return engine.sql(model(__package__, "patient_days"), stay_day=stay_day)


def _count_of(row: Row) -> Count:
    return Count(*(row[name] for name in Count._fields))
