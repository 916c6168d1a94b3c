-- Denials up to as_of. One row per denial.
-- Reads: account, denial, dates.
select
  d.tenant, a.currency, d.person_id, d.account_id, d.denial_id as item,
  coalesce(a.facility_id, 'unknown') as facility, coalesce(a.payer, 'unknown') as payer,
  coalesce(a.payer_id, 'unknown') as payer_id, coalesce(a.provider_id, 'unknown') as provider,
  coalesce(a.specialty, 'unknown') as specialty, coalesce(a.claim_type, 'unknown') as claim_type,
  a.state = 'void' as is_void, coalesce(a.payer = 'self_pay', false) as is_self_pay,
  coalesce(d.category, 'other') as category, coalesce(d.carc, 'unknown') as carc,
  coalesce(d.group_code, 'unknown') as group_code,
  d.amount, d.denial_date, coalesce(d.is_initial, false) as is_initial,
  coalesce(d.is_leading, false) as is_leading, d.status, d.days_to_resolution, d.recovered_amount
from denial as d
join account as a on d.tenant = a.tenant and d.account_id = a.account_id
join dates as t on d.tenant = t.tenant
where d.denial_date <= t.as_of
