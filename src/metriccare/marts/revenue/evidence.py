"""The evidence: which account, line, denial or answer counts for which KPI, and why not.

One model per relation gives rows for all of its KPIs. KPIs of entries and balances have the ledger
and its balances as their evidence, those of care before its first claim the care of as_of.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from metriccare.engine.protocol import Engine, RelationT
from metriccare.marts.revenue.definition import VOID, Kpi, Relation
from metriccare.marts.revenue.kpis import kpis_of
from metriccare.marts.revenue.kpis.unbilled import OF_CARE
from metriccare.tables.claims import MONEY
from metriccare.tables.revenue import KPI_ACCOUNT

JUDGED = (
    Relation.ACCOUNT,
    Relation.DENIAL,
    Relation.LINE,
    Relation.REMIT,
    Relation.EXPECTED,
)
# The care of the evening of as_of that no claim names, among the rows of balances.
_CARE = """
select
  s.tenant, s.account_id, s.item, s.person_id, s.is_void, s.is_care, s.is_discharged, s.stock_date,
  s.unbilled, s.recent_charges
from source as s
join dates as t on s.tenant = t.tenant and s.stock_date = t.as_of
where s.is_care
"""
_COLUMNS = ", ".join(column.name for column in KPI_ACCOUNT.computed_columns)


def evidence(
    engine: Engine[RelationT], sources: Mapping[Relation, RelationT], dates: RelationT
) -> RelationT:
    """Return rows of gold.kpi_account: the evidence of the relations that are given."""
    parts = {
        f"{relation}_rows": engine.sql(
            evidence_model(kpis_of(relation)), source=sources[relation], dates=dates
        )
        for relation in JUDGED
        if relation in sources
    }
    if Relation.BALANCE in sources:
        care = engine.sql(_CARE, source=sources[Relation.BALANCE], dates=dates)
        parts["care_rows"] = engine.sql(evidence_model(OF_CARE), source=care, dates=dates)
    if not parts:
        return engine.from_rows(KPI_ACCOUNT.computed_columns, [])
    every = " union all ".join(f"select {_COLUMNS} from {name}" for name in parts)
    return engine.sql(every, None, **parts)


def evidence_model(kpis: Sequence[Kpi]) -> str:
    """Return the model of the evidence of one relation's KPIs. Reads: source, dates."""
    verdicts = ",\n      ".join(map(_verdict, kpis))
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
