"""The models that sum KPIs by period and stratum, written from their declarations.

Amounts are whole hundredths (bigint): money in cents, counts times 100. So they add up exactly on
every engine, and Python divides whole numbers. Persons and strata are numbers: counting distinct
texts in 28 groups per row takes ten times as long.
"""

from __future__ import annotations

from collections.abc import Sequence

from metriccare.marts.periods import ALL, MONTH, QUARTER, YEAR
from metriccare.marts.revenue.definition import PROVIDER, USUAL_STRATA, Kpi, KpiStratum
from metriccare.marts.revenue.families import Family
from metriccare.tables.strata import OVERALL

DAY = "day"
# Stands for the month of rows without a date: they belong to all time only.
UNDATED = "1900-01-01"
_USUAL = frozenset(stratum.name for stratum in USUAL_STRATA)
_WHOLE = f"{OVERALL}_no"


def judged_model(family: Family) -> str:
    """Return the model of what each row adds. Reads: source, members.

    Gives one row per row that could count: `items<p>`, `excluded<p>` and `waiting<p>` of each
    population, `n<i>` and `d<i>` of each KPI.
    """
    candidate = " or ".join(f"({p.is_candidate})" for p in family.populations)
    columns = ",\n  ".join((*_strata_columns(family), *_dates(family), *_judged(family)))
    return f"""
select
  m.person_no, {columns}
from source as s
join members as m on s.tenant = m.tenant and s.account_id = m.account_id
where {candidate}
"""


def sum_model(family: Family) -> str:
    """Return the model of a family's sums by period and stratum. Reads: judged."""
    sums = ", ".join(f"sum({name}) as {name}" for name in sum_names(family))
    sets = ", ".join(
        _set((*columns, *period))
        for columns in group_columns(family)
        for period in _periods(family, columns)
    )
    number = ", ".join(dict.fromkeys(columns[0] for columns in group_columns(family)))
    return f"""
select coalesce({number}) as stratum_no, {_others(family)}, {sums}
from judged
group by grouping sets ({sets})
"""


def person_model(family: Family) -> str:
    """Return the model of distinct persons by period and stratum. Reads: judged."""
    return "\nunion all\n".join(_persons(family, columns) for columns in group_columns(family))


def lag_model(family: Family, kpi: Kpi) -> str:
    """Return the model of a lag's median and 90th percentile, of the nearest-rank kind.

    Reads: judged.
    """
    number = family.kpis.index(kpi)
    place = family.places[number]
    branches = "\n  union all\n".join(
        f"""  select
    {_group_columns(family, columns)},
    sort_array(collect_list(n{number})) as lags, count(n{number}) as size
  from judged
  where items{place} = 1
  group by grouping sets ({_period_sets(family, columns)})"""
        for columns in group_columns(family)
    )
    return f"""
with listed as (
{branches}
)
select
  stratum_no, {_others(family)},
  get(lags, cast(floor((size + 1) / 2) as int) - 1) as median,
  get(lags, cast(floor((size * 9 + 9) / 10) as int) - 1) as percentile_90
from listed
"""


def _persons(family: Family, columns: Sequence[str]) -> str:
    populations = range(len(family.populations))
    seen = ", ".join(f"max(items{p}) as seen{p}" for p in populations)
    counted = ", ".join(f"sum(seen{p}) as persons{p}" for p in populations)
    any_item = " or ".join(f"items{p} = 1" for p in populations)
    sets = _period_sets(family, (*columns, "person_no"))
    return f"""
select stratum_no, {_others(family)}, {counted}
from (
  select {_group_columns(family, columns)}, person_no, {seen}
  from judged
  where {any_item}
  group by grouping sets ({sets})
) as seen
group by stratum_no, {_others(family)}"""


def group_columns(family: Family) -> list[tuple[str, ...]]:
    """Return, for each stratum of a family, the columns that its rows are grouped by."""
    usual = [(f"{s.name}_no",) for s in family.strata if s.name in _USUAL]
    return [(_WHOLE,), *usual, *((_WHOLE, s.column) for s in own_strata(family))]


def own_strata(family: Family) -> list[KpiStratum]:
    """Return the strata that are no column of an account: their values are texts."""
    return [stratum for stratum in family.strata if stratum.name not in _USUAL]


def date_columns(family: Family) -> tuple[str, ...]:
    """Return the columns that hold a period's first day, or the date of a stock."""
    return (DAY,) if family.is_stock else (MONTH, QUARTER, YEAR)


def grain_of(family: Family, dates: Sequence[object]) -> str:
    """Return the grain of a row from the values of its date columns."""
    known = [name for name, day in zip(date_columns(family), dates, strict=True) if day is not None]
    return known[0] if known else ALL


def _periods(family: Family, columns: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the sets of date columns that a stratum's rows are grouped by."""
    dates: list[tuple[str, ...]] = [(name,) for name in date_columns(family)]
    if family.is_stock:
        return dates
    if f"{PROVIDER}_no" in columns:
        dates = [(YEAR,)]
    return [*dates, ()]


def _period_sets(family: Family, columns: Sequence[str]) -> str:
    return ", ".join(_set((*columns, *period)) for period in _periods(family, columns))


def _set(columns: Sequence[str]) -> str:
    return f"({', '.join(columns)})"


def _others(family: Family) -> str:
    """Return the columns that say, beside its number, what a row is about."""
    return ", ".join((*(s.column for s in own_strata(family)), *date_columns(family)))


def _group_columns(family: Family, columns: Sequence[str]) -> str:
    """Return the same columns where only those of one stratum are grouped by."""
    own = [
        s.column if s.column in columns else f"cast(null as string) as {s.column}"
        for s in own_strata(family)
    ]
    grouped = {name for period in _periods(family, columns) for name in period}
    dates = [
        name if name in grouped else f"cast(null as date) as {name}"
        for name in date_columns(family)
    ]
    return ", ".join((f"{columns[0]} as stratum_no", *own, *dates))


def _strata_columns(family: Family) -> list[str]:
    numbers = dict.fromkeys(columns[0] for columns in group_columns(family))
    return [f"m.{name}" for name in numbers] + [s.column for s in own_strata(family)]


def _dates(family: Family) -> list[str]:
    if family.is_stock:
        return [f"{family.placed_by} as {DAY}"]
    return [
        f"coalesce(cast(trunc({family.placed_by}, '{grain}') as date), cast('{UNDATED}' as date))"
        f" as {grain}"
        for grain in date_columns(family)
    ]


def _judged(family: Family) -> list[str]:
    """Return what each row adds: flags of its populations, and amounts of its KPIs."""
    found = []
    for number, population in enumerate(family.populations):
        is_excluded = f"({population.is_candidate}) and not ({population.counts})"
        found += [
            f"{_flag(population.counts)} as items{number}",
            f"{_flag(is_excluded)} as excluded{number}",
        ]
        waiting = population.run_out or "false"
        is_waiting = f"({population.is_candidate}) and coalesce({waiting}, false)"
        found.append(f"{_flag(is_waiting)} as waiting{number}")
    for number, (kpi, place) in enumerate(zip(family.kpis, family.places, strict=True)):
        counts = family.populations[place].counts
        found.append(f"{_hundredths(kpi.numerator, counts)} as n{number}")
        found.append(f"{_hundredths(kpi.denominator or '0', counts)} as d{number}")
    return found


def _flag(condition: str) -> str:
    return f"case when {condition} then 1 else 0 end"


def _hundredths(expression: str, condition: str) -> str:
    amount = f"cast(cast({expression} as decimal(18,2)) * 100 as bigint)"
    return f"case when {condition} then coalesce({amount}, 0) else 0 end"


def sum_names(family: Family) -> list[str]:
    """Return the columns of a family's rows that add up."""
    populations, kpis = range(len(family.populations)), range(len(family.kpis))
    counts = [f"{name}{p}" for p in populations for name in ("items", "excluded", "waiting")]
    return counts + [f"{name}{k}" for k in kpis for name in ("n", "d")]
