-- Accounts whose money does not add up.
--
-- Question:    Is every cent that was charged paid, taken off, written off or still owed?
-- Numerator:   found: payments - refunds + contractual + written off + balance; and payer + patient
--              balance
-- Denominator: wanted: the charge; the balance
-- Exclusions:  none
-- Grain:       one row per tenant and account where the two differ; none when healthy
-- Source:      gold.account
-- Caveats:     unsuppressed figures: for the operator, never for a dashboard

with accounts as (
    select
        tenant,
        account_id,
        charge,
        payer_paid + patient_paid - refunded + contractual + written_off + balance as settled,
        balance,
        payer_balance + patient_balance as owed
    from gold.account
),

final as (
    select
        tenant,
        account_id,
        charge,
        settled,
        balance,
        owed
    from accounts
    where
        charge <> settled
        or balance <> owed
)

select
    cast(tenant as varchar) as tenant,
    cast(account_id as varchar) as account_id,
    cast(charge as decimal(18, 2)) as charge,
    cast(settled as decimal(18, 2)) as settled,
    cast(balance as decimal(18, 2)) as balance,
    cast(owed as decimal(18, 2)) as owed
from final
