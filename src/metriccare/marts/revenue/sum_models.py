"""The models that sum KPIs by period and stratum, written from their declarations.

Amounts are whole hundredths (bigint): money in cents, counts times 100. So they add up exactly on
every engine, and Python divides whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence

from metriccare.marts.revenue.definition import Kpi, KpiStratum
from metriccare.marts.revenue.families import Family
from metriccare.tables.strata import OVERALL, WHOLE

_KEY = "tenant, currency, stratum_type, stratum_value"
# Each month is part of a quarter, of a year and of all time.
_PERIODS = """explode(array(
      named_struct('grain', 'all', 'start', cast(null as date)),
      named_struct('grain', 'year', 'start', cast(trunc(day, 'year') as date)),
      named_struct('grain', 'quarter', 'start', cast(trunc(day, 'quarter') as date)),
      named_struct('grain', 'month', 'start', day)
    )) as period"""


def sum_model(family: Family) -> str:
    """Return the model of a family's sums. Reads: source, the relation of the family.

    Gives one row per tenant, currency, period and stratum: `n<i>` and `d<i>` of each KPI, and of
    each population rows that count (`items<p>`), that are left out (`excluded<p>`) or too young
    (`waiting<p>`), and distinct persons (`persons<p>`).
    """
    return _stock_model(family) if family.is_stock else _flow_model(family)


def _flow_model(family: Family) -> str:
    sums = ", ".join(f"sum({name}) as {name}" for name in sum_names(family))
    totals = ", ".join(f"s.{name}" for name in sum_names(family))
    persons = ", ".join(f"p.{name}" for name in person_names(family))
    month = f"cast(trunc({family.placed_by}, 'month') as date)"
    return f"""
with {_spread(family, month)},
monthly as (
  select {_KEY}, day, {sums}
  from spread
  group by {_KEY}, day
),
in_periods as (
  select {_KEY}, day, {", ".join(sum_names(family))}, {_PERIODS}
  from monthly
),
totals as (
  select {_KEY}, period.grain as grain, period.start as period_start, {sums}
  from in_periods
  where day is not null or period.grain = 'all'
  group by {_KEY}, period.grain, period.start
),
seen as (
  select {_KEY}, day, person_id, {", ".join(_flags(family))}, {_PERIODS}
  from spread
  where {_any_counts(family)}
),
people as (
  select {_KEY}, period.grain as grain, period.start as period_start, {_distinct(family)}
  from seen
  where day is not null or period.grain = 'all'
  group by {_KEY}, period.grain, period.start
)
select
  s.tenant, s.currency, s.stratum_type, s.stratum_value, s.grain, s.period_start,
  {totals}, {persons}
from totals as s
left join people as p
  on s.tenant = p.tenant and s.currency = p.currency and s.stratum_type = p.stratum_type
    and s.stratum_value = p.stratum_value and s.grain = p.grain
    and s.period_start <=> p.period_start
"""


def _stock_model(family: Family) -> str:
    sums = ", ".join(f"sum({name}) as {name}" for name in sum_names(family))
    return f"""
with {_spread(family, family.placed_by)}
select {_KEY}, 'stock' as grain, day as period_start, {sums}, {_distinct(family)}
from spread
group by {_KEY}, day
"""


def _spread(family: Family, day: str) -> str:
    """Return the CTEs of the rows that could count, once per stratum."""
    columns = ", ".join(dict.fromkeys(stratum.column for stratum in family.strata))
    names = ", ".join(sum_names(family))
    candidate = " or ".join(f"({p.is_candidate})" for p in family.populations)
    judged = ",\n    ".join(_judged(family))
    return f"""judged as (
  select
    tenant, currency, person_id, {columns}, {day} as day,
    {judged}
  from source
  where {candidate}
),
exploded as (
  select tenant, currency, person_id, day, {names}, {_strata(family.strata)}
  from judged
),
spread as (
  select
    tenant, currency, person_id, day, stratum.type as stratum_type,
    stratum.value as stratum_value, {names}
  from exploded
)"""


def _judged(family: Family) -> list[str]:
    """Return what each row adds: flags of its populations, and amounts of its KPIs."""
    found = []
    for number, population in enumerate(family.populations):
        found += [
            f"{_flag(population.counts)} as items{number}",
            f"{_flag(f'({population.is_candidate}) and not ({population.counts})')}"
            f" as excluded{number}",
        ]
        waiting = population.run_out or "false"
        is_waiting = f"({population.is_candidate}) and coalesce({waiting}, false)"
        found.append(f"{_flag(is_waiting)} as waiting{number}")
    for number, kpi in enumerate(family.kpis):
        counts = family.populations[family.place(kpi)].counts
        found.append(f"{_hundredths(kpi.numerator, counts)} as n{number}")
        found.append(f"{_hundredths(kpi.denominator or '0', counts)} as d{number}")
    return found


def _flag(condition: str) -> str:
    return f"case when {condition} then 1 else 0 end"


def _hundredths(expression: str, condition: str) -> str:
    amount = f"cast(({expression}) * 100 as bigint)"
    return f"case when {condition} then coalesce({amount}, 0) else 0 end"


def _strata(strata: Sequence[KpiStratum]) -> str:
    pairs = [(OVERALL, f"'{WHOLE}'"), *((s.name, s.column) for s in strata)]
    items = ", ".join(f"named_struct('type', '{name}', 'value', {value})" for name, value in pairs)
    return f"explode(array({items})) as stratum"


def sum_names(family: Family) -> list[str]:
    """Return the columns of a family's model that add up over time."""
    populations, kpis = range(len(family.populations)), range(len(family.kpis))
    counts = [f"{name}{p}" for p in populations for name in ("items", "excluded", "waiting")]
    return counts + [f"{name}{k}" for k in kpis for name in ("n", "d")]


def person_names(family: Family) -> list[str]:
    """Return the columns of a family's model with distinct persons."""
    return [f"persons{number}" for number in range(len(family.populations))]


def _flags(family: Family) -> list[str]:
    return [f"items{number}" for number in range(len(family.populations))]


def _any_counts(family: Family) -> str:
    return " or ".join(f"{flag} = 1" for flag in _flags(family))


def _distinct(family: Family) -> str:
    return ", ".join(
        f"count(distinct case when items{number} = 1 then person_id end) as persons{number}"
        for number in range(len(family.populations))
    )


def lag_model(family: Family, kpi: Kpi) -> str:
    """Return the model of a lag's median and 90th percentile, of the nearest-rank kind.

    Reads: source. Gives one row per tenant, currency, period and stratum.
    """
    population = family.populations[family.place(kpi)]
    columns = ", ".join(stratum.column for stratum in family.strata)
    return f"""
with judged as (
  select
    tenant, currency, {columns}, cast(trunc({kpi.placed_by}, 'month') as date) as day,
    {kpi.lag} as days
  from source
  where {population.counts}
),
exploded as (
  select tenant, currency, day, days, {_strata(family.strata)}
  from judged
),
spread as (
  select
    tenant, currency, day, days, stratum.type as stratum_type, stratum.value as stratum_value
  from exploded
),
in_periods as (
  select {_KEY}, days, day, {_PERIODS}
  from spread
),
listed as (
  select
    {_KEY}, period.grain as grain, period.start as period_start,
    sort_array(collect_list(days)) as days, count(days) as number
  from in_periods
  where day is not null or period.grain = 'all'
  group by {_KEY}, period.grain, period.start
)
select
  {_KEY}, grain, period_start,
  get(days, cast(floor((number + 1) / 2) as int) - 1) as median,
  get(days, cast(floor((number * 9 + 9) / 10) as int) - 1) as percentile_90
from listed
"""
