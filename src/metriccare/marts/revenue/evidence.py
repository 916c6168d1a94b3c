"""The evidence: which account, line, denial or answer counts for which KPI, and why not.

One model per relation gives rows for all of its KPIs. KPIs of entries and balances have the ledger
and its balances as their evidence.
"""

from __future__ import annotations

from collections.abc import Mapping

from metriccare.engine.protocol import Engine, RelationT
from metriccare.marts.revenue.definition import VOID, Kpi, Relation
from metriccare.marts.revenue.kpis import kpis_of
from metriccare.tables.claims import MONEY
from metriccare.tables.revenue import KPI_ACCOUNT

JUDGED = (
    Relation.ACCOUNT,
    Relation.DENIAL,
    Relation.LINE,
    Relation.REMIT,
    Relation.EXPECTED,
)
_COLUMNS = ", ".join(column.name for column in KPI_ACCOUNT.computed_columns)


def evidence(
    engine: Engine[RelationT], sources: Mapping[Relation, RelationT], dates: RelationT
) -> RelationT:
    """Return rows of gold.kpi_account: the evidence of the relations that are given."""
    parts = {
        f"{relation}_rows": engine.sql(
            evidence_model(relation), source=sources[relation], dates=dates
        )
        for relation in JUDGED
        if relation in sources
    }
    if not parts:
        return engine.from_rows(KPI_ACCOUNT.computed_columns, [])
    every = " union all ".join(f"select {_COLUMNS} from {name}" for name in parts)
    return engine.sql(every, None, **parts)


def evidence_model(relation: Relation) -> str:
    """Return the model of a relation's evidence. Reads: source (the relation), dates."""
    verdicts = ",\n      ".join(_verdict(kpi) for kpi in kpis_of(relation))
    return f"""
with judged as (
  select
    tenant, account_id, item, person_id,
    explode(array(
      {verdicts}
    )) as verdict
  from source
),
counted as (
  select
    tenant, verdict.kpi_id as kpi_id, account_id, item, person_id,
    verdict.period_date as period_date, size(verdict.reasons) = 0 as in_denominator,
    verdict.numerator as numerator, verdict.denominator as denominator,
    verdict.reasons as exclusion_reasons
  from judged
  where verdict.is_candidate
)
select
  c.tenant, c.kpi_id, c.account_id, c.item, c.person_id, c.period_date, c.in_denominator,
  case when c.in_denominator then c.numerator end as numerator,
  case when c.in_denominator then c.denominator end as denominator,
  c.exclusion_reasons, t.as_of
from counted as c
join dates as t on c.tenant = t.tenant
"""


def _verdict(kpi: Kpi) -> str:
    """Return one KPI's verdict on a row, as a struct."""
    reasons = ", ".join(
        f"case when {condition} then '{word}' end"
        for word, condition in (
            (VOID, "is_void"),
            *((reason.word, reason.condition) for reason in kpi.reasons),
        )
    )
    fields = {
        "kpi_id": f"'{kpi.id}'",
        "is_candidate": f"coalesce({kpi.candidates}, false)",
        "period_date": kpi.placed_by,
        "numerator": f"cast(coalesce({kpi.numerator}, 0) as {MONEY})",
        "denominator": f"cast({kpi.denominator or 'null'} as {MONEY})",
        "reasons": f"sort_array(array_compact(array({reasons})))",
    }
    return "named_struct(" + ", ".join(f"'{k}', {v}" for k, v in fields.items()) + ")"
