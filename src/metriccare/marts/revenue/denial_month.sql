-- Initial denials by month, facility, payer and reason. Rows of gold.denial_month.
-- Reads: denials (relations/denial.sql), account, dates.
with places as (
  select
    tenant, account_id, currency, coalesce(facility_id, 'unknown') as facility,
    coalesce(payer, 'unknown') as payer, cast(trunc(first_remit_date, 'month') as date) as month,
    first_remit_date is not null and state <> 'void' and coalesce(payer, '') <> 'self_pay'
    as is_decided
  from account
),
decided as (
  select tenant, currency, facility, payer, month, count(*) as total_claims
  from places
  where is_decided
  group by tenant, currency, facility, payer, month
),
counted as (
  select
    d.tenant, p.currency, p.facility, p.payer, d.person_id, d.denial_date, d.group_code, d.carc,
    d.category, d.is_leading, d.amount, d.recovered_amount, d.status, d.days_to_resolution
  from denials as d
  join places as p on d.tenant = p.tenant and d.account_id = p.account_id
  where d.is_initial and not d.is_void and not d.is_self_pay
),
refused as (
  select
    tenant, currency, facility, payer, cast(trunc(denial_date, 'month') as date) as month,
    group_code, carc, max(category) as category,
    sum(case when is_leading then 1 else 0 end) as total_denials,
    cast(sum(amount) as decimal(38,2)) as total_denied_amount,
    cast(sum(coalesce(recovered_amount, 0)) as decimal(38,2)) as recovered_amount,
    cast(sum(case when status in ('open', 'appealed') then amount else 0 end) as decimal(38,2))
    as open_amount,
    count(days_to_resolution) as resolved,
    sum(coalesce(days_to_resolution, 0)) as resolution_days,
    count(*) as denials, count(distinct person_id) as n_persons
  from counted
  group by
    tenant, currency, facility, payer, cast(trunc(denial_date, 'month') as date), group_code, carc
)
select
  r.tenant, r.month as denial_month, r.facility as facility_id, r.payer, r.category, r.group_code,
  r.carc, r.currency, cast(r.total_denials as bigint) as total_denials,
  coalesce(d.total_claims, 0) as total_claims, r.total_denied_amount, r.recovered_amount,
  r.open_amount, r.resolved, cast(r.resolution_days as bigint) as resolution_days, r.denials,
  r.n_persons,
  t.as_of
from refused as r
join dates as t on r.tenant = t.tenant
left join decided as d
  on r.tenant = d.tenant and r.currency = d.currency and r.facility = d.facility
    and r.payer = d.payer and r.month = d.month
