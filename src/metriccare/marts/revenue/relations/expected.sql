-- Answered lines beside what the contract says they are worth. One row per claim line.
-- Reads: account, expected_line.
select
  e.tenant, a.currency, e.person_id, e.account_id,
  concat(e.claim_id, '|', cast(e.line_number as string)) as item,
  coalesce(a.facility_id, 'unknown') as facility, coalesce(a.payer, 'unknown') as payer,
  coalesce(a.payer_id, 'unknown') as payer_id, coalesce(a.provider_id, 'unknown') as provider,
  coalesce(a.specialty, 'unknown') as specialty, coalesce(a.claim_type, 'unknown') as claim_type,
  a.state = 'void' as is_void, coalesce(a.payer = 'self_pay', false) as is_self_pay,
  a.first_remit_date, e.verdict, e.variance
from expected_line as e
join account as a on e.tenant = a.tenant and e.account_id = a.account_id
