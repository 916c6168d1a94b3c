-- Accounts whose charge is not paid, taken off, written off or still owed. One row per tenant.
-- Reads: account.
with settled as (
  select
    tenant,
    charge <=> payer_paid + patient_paid - refunded + contractual + written_off + balance
    and balance <=> payer_balance + patient_balance as is_settled
  from account
)
select tenant, count_if(not is_settled) as violations
from settled
group by tenant
