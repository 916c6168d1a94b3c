-- Lines of level-1 claims in force: a claim to a second payer repeats the same charges. One row per
-- claim line. Reads: account, claim, claim_line, dates.
select
  l.tenant, l.person_id, l.account_id,
  concat(l.claim_id, '|', cast(l.line_number as string)) as item,
  a.state = 'void' as is_void, coalesce(a.payer = 'self_pay', false) as is_self_pay,
  l.charge, l.posted_date, datediff(l.posted_date, l.service_from) as charge_lag, t.as_of,
  t.late_charge_days
from claim_line as l
join claim as c on l.tenant = c.tenant and l.claim_id = c.claim_id and c.level = 1
join account as a on l.tenant = a.tenant and l.account_id = a.account_id
join dates as t on l.tenant = t.tenant
where l.in_force and l.service_from <= t.as_of
