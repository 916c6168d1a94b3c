-- Answered lines beside what the contract says they are worth. One row per claim line.
-- Reads: account, expected_line.
select
  e.tenant, e.person_id, e.account_id,
  concat(e.claim_id, '|', cast(e.line_number as string)) as item,
  a.state = 'void' as is_void, coalesce(a.payer = 'self_pay', false) as is_self_pay,
  a.first_remit_date, e.verdict, e.variance
from expected_line as e
join account as a on e.tenant = a.tenant and e.account_id = a.account_id
