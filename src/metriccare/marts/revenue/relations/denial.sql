-- Denials up to as_of. One row per denial.
-- Reads: account, denial, dates.
select
  d.tenant, d.person_id, d.account_id, d.denial_id as item,
  a.state = 'void' as is_void, coalesce(a.payer = 'self_pay', false) as is_self_pay,
  coalesce(d.category, 'other') as category, coalesce(d.carc, 'unknown') as carc,
  coalesce(d.group_code, 'unknown') as group_code,
  d.amount, d.denial_date, coalesce(d.is_initial, false) as is_initial,
  coalesce(d.is_leading, false) as is_leading, d.status, d.days_to_resolution, d.recovered_amount
from denial as d
join account as a on d.tenant = a.tenant and d.account_id = a.account_id
join dates as t on d.tenant = t.tenant
where d.denial_date <= t.as_of
