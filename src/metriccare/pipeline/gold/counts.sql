-- Reads: measure_stay, infection_event, stay_day. Gives: counts by tenant, measure, month and
-- stratum; of means also by length (amount). Grain: one stratum of a month.
-- A stratum that is null does not count under its type.
with stays as (
  -- Each verdict; of rates only what was left out is taken from here.
  select
    tenant, measure_id, period_date, numerator, in_denominator, department, hospital_id, age_band,
    sex, payer, method, in_denominator and not array_contains(:rates, measure_id) as counts
  from measure_stay
),
events as (
  select
    tenant, explode(measure_ids) as measure_id, period_date, discharge_date, stay_id, hospital_id,
    department, age_band, sex, payer, infection_type
  from infection_event
),
days as (
  select
    tenant, explode(:rates) as measure_id, month, patient_days, hospital_id, department, age_band,
    sex, payer
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
    'all' as overall, coalesce(hospital_id, :unknown) as hospital,
    coalesce(department, :unknown) as department, coalesce(age_band, :unknown) as age_band,
    coalesce(sex, :unknown) as sex, coalesce(payer, :unknown) as payer,
    cast(null as string) as infection_type
  from stays
  union all
  -- The numerators of rates: each event in its own month and under its type.
  select
    tenant, measure_id, cast(trunc(period_date, 'month') as date), null, 1, 0, 0, null,
    'all', coalesce(hospital_id, :unknown), coalesce(department, :unknown),
    coalesce(age_band, :unknown), coalesce(sex, :unknown), coalesce(payer, :unknown),
    case when array_contains(:typed_rates, measure_id) then infection_type end
  from events
  where array_contains(:rates, measure_id)
  union all
  -- The denominators of rates: patient days, in the department of the day.
  select
    tenant, measure_id, month, null, 0, patient_days, 0, null,
    'all', coalesce(hospital_id, :unknown), coalesce(department, :unknown),
    coalesce(age_band, :unknown), coalesce(sex, :unknown), coalesce(payer, :unknown), null
  from days
  union all
  select
    tenant, measure_id, cast(trunc(discharge_date, 'month') as date), null, 1, 0, 0, null,
    null, null, null, null, null, null, infection_type
  from shares
),
summed as (
  select
    tenant, measure_id, month, amount, overall, hospital, department, age_band, sex, payer,
    infection_type, sum(numerator) as numerator, sum(denominator) as denominator,
    sum(excluded) as excluded, max(method_rank) as method_rank
  from counted
  group by
    tenant, measure_id, month, amount, overall, hospital, department, age_band, sex, payer,
    infection_type
),
of_strata as (
  select
    tenant, measure_id, month, amount, numerator, denominator, excluded, method_rank,
    explode(array(
      struct('overall' as type, overall as value), struct('hospital' as type, hospital as value),
      struct('department' as type, department as value),
      struct('age_band' as type, age_band as value), struct('sex' as type, sex as value),
      struct('payer' as type, payer as value),
      struct('infection_type' as type, infection_type as value)
    )) as stratum
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
