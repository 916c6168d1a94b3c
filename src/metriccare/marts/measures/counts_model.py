"""The model of counts by month and stratum, its columns written from the declared strata."""

from __future__ import annotations

from metriccare.tables.strata import INFECTION_TYPE, OVERALL, STRATA, STRATUM_TYPES, WHOLE

_COLUMNS = ", ".join(stratum.column.name for stratum in STRATA)
_NAMES = ", ".join(stratum.name for stratum in STRATA)
_KNOWN = ", ".join(f"coalesce({s.column.name}, :unknown) as {s.name}" for s in STRATA)
_NULLS = ", ".join("null" for _ in STRATA)
_EVERY = ", ".join(f"struct('{name}' as type, {name} as value)" for name in STRATUM_TYPES)

# Reads: measure_stay, infection_event, stay_day. Gives: counts by tenant, measure, month and
# stratum; of means also by length (amount). Grain: one stratum of a month.
# A stratum that is null does not count under its type.
COUNTS = f"""
with stays as (
  -- Each verdict; of rates only what was left out is taken from here.
  select
    tenant, measure_id, period_date, numerator, in_denominator, {_COLUMNS}, method,
    in_denominator and not array_contains(:rates, measure_id) as counts
  from measure_stay
),
events as (
  select
    tenant, explode(measure_ids) as measure_id, period_date, discharge_date, stay_id, {_COLUMNS},
    infection_type
  from infection_event
),
days as (
  select tenant, explode(:rates) as measure_id, month, patient_days, {_COLUMNS}
  from stay_day
),
-- Stays with at least one event of a type, in the month of discharge.
shares as (
  select distinct tenant, measure_id, stay_id, infection_type, discharge_date
  from events
  where array_contains(:shares, measure_id)
),
counted as (
  select
    tenant, measure_id, cast(trunc(period_date, 'month') as date) as month,
    case when counts and array_contains(:means, measure_id) then numerator end as amount,
    case when counts then numerator else 0 end as numerator,
    case when counts then 1 else 0 end as denominator,
    case when not in_denominator then 1 else 0 end as excluded,
    case when counts then case method when 'none' then 1 when 'proxy' then 2 when 'pra' then 3 end
    end as method_rank,
    '{WHOLE}' as {OVERALL}, {_KNOWN}, cast(null as string) as {INFECTION_TYPE}
  from stays
  union all
  -- The numerators of rates: each event in its own month and under its type.
  select
    tenant, measure_id, cast(trunc(period_date, 'month') as date), null, 1, 0, 0, null,
    '{WHOLE}', {_KNOWN},
    case when array_contains(:typed_rates, measure_id) then infection_type end
  from events
  where array_contains(:rates, measure_id)
  union all
  -- The denominators of rates: patient days, in the department of the day.
  select
    tenant, measure_id, month, null, 0, patient_days, 0, null, '{WHOLE}', {_KNOWN}, null
  from days
  union all
  select
    tenant, measure_id, cast(trunc(discharge_date, 'month') as date), null, 1, 0, 0, null,
    null, {_NULLS}, infection_type
  from shares
),
summed as (
  select
    tenant, measure_id, month, amount, {OVERALL}, {_NAMES}, {INFECTION_TYPE},
    sum(numerator) as numerator, sum(denominator) as denominator, sum(excluded) as excluded,
    max(method_rank) as method_rank
  from counted
  group by tenant, measure_id, month, amount, {OVERALL}, {_NAMES}, {INFECTION_TYPE}
),
of_strata as (
  select
    tenant, measure_id, month, amount, numerator, denominator, excluded, method_rank,
    explode(array({_EVERY})) as stratum
  from summed
)
select
  tenant, measure_id, month, stratum.type as stratum_type, stratum.value as stratum_value, amount,
  cast(coalesce(sum(numerator), 0) as bigint) as numerator,
  cast(coalesce(sum(denominator), 0) as bigint) as denominator,
  cast(coalesce(sum(excluded), 0) as bigint) as excluded,
  case max(method_rank) when 1 then 'none' when 2 then 'proxy' when 3 then 'pra' end as method
from of_strata
where stratum.value is not null
group by tenant, measure_id, month, stratum.type, stratum.value, amount
"""
