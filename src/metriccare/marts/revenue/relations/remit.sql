-- Adjudicated answers of primary payers up to as_of, those that a later one overruled too. One row
-- per answer and claim. An answer that only takes back an earlier one decides nothing.
-- Reads: account, remit, dates.
select
  r.tenant, r.person_id, r.account_id, concat(r.claim_id, '|', r.remit_id) as item,
  a.state = 'void' as is_void, coalesce(a.payer = 'self_pay', false) as is_self_pay,
  r.remit_date
from remit as r
join account as a on r.tenant = a.tenant and r.account_id = a.account_id
join dates as t on r.tenant = t.tenant
where r.level = 1 and r.answer = 'adjudicated' and r.remit_date <= t.as_of
  and not coalesce(r.reversal, false)
