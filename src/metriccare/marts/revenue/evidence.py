"""The evidence: which account, line, denial or answer counts for which KPI, and why not.

One model per relation gives rows for all of its KPIs. KPIs of entries and balances have the ledger
and its balances as their evidence.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import reduce

from metriccare.engine.protocol import Engine, RelationT
from metriccare.marts.revenue.definition import VOID, Kpi, Relation
from metriccare.marts.revenue.inputs import READS, Tables, dates_of, judged_source
from metriccare.marts.revenue.kpis import kpis_of
from metriccare.settings import RevenueSettings
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
    engine: Engine[RelationT],
    tables: Tables[RelationT],
    as_of: Mapping[str, date],
    persons: RelationT | None = None,
    rules: RevenueSettings | None = None,
) -> RelationT:
    """Return rows of gold.kpi_account, of given persons (tenant, person_id) or of all.

    `tables` are gold's claims tables by their name, `as_of` is by tenant.
    """
    dates = dates_of(engine, as_of, rules or RevenueSettings())
    parts = [
        _of_relation(engine, relation, judged_source(engine, relation, tables, dates), dates)
        for relation in JUDGED
        if set(READS[relation]) <= set(tables)
    ]
    every = reduce(lambda left, right: _both(engine, left, right), parts)
    if persons is None:
        return every
    return engine.sql(
        f"select {_qualified('e')} from evidence as e"
        " join persons as p on e.tenant = p.tenant and e.person_id = p.person_id",
        evidence=every,
        persons=persons,
    )


def _both(engine: Engine[RelationT], left: RelationT, right: RelationT) -> RelationT:
    union = f"select {_COLUMNS} from upper_rows union all select {_COLUMNS} from lower_rows"
    return engine.sql(union, upper_rows=left, lower_rows=right)


def _qualified(alias: str) -> str:
    return ", ".join(f"{alias}.{name}" for name in _COLUMNS.split(", "))


def _of_relation(
    engine: Engine[RelationT], relation: Relation, rows: RelationT, dates: RelationT
) -> RelationT:
    return engine.sql(evidence_model(relation), source=rows, dates=dates)


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
