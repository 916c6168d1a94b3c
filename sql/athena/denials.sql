-- Initial denials by month, facility, payer and reason.
--
-- Question:    How often and how much do payers refuse at first, why, and what comes of it?
-- Numerator:   total_denials: claims whose leading reason it is; total_denied_amount: what the
--              first answers refuse for the reason
-- Denominator: total_claims: first answers of the month, facility and payer
-- Exclusions:  self-pay and void accounts
-- Grain:       one row per tenant, month, facility, payer, group code, reason (CARC) and currency
-- Source:      published denials by month; the categories are our own words
-- Caveats:     rows of 1 to 10 persons, and what would give them away, are hidden; over several
--              months the mean of days is the sum of days by the sum of resolved denials, never a
--              mean of rows

with final as (
    select
        tenant,
        denial_month,
        facility_id,
        payer,
        category,
        group_code,
        carc,
        total_denials,
        total_claims,
        cast(total_denials as double) / nullif(cast(total_claims as double), 0e0) as denial_rate,
        cast(resolution_days as double) / nullif(cast(resolved as double), 0e0)
            as avg_days_to_resolution,
        total_denied_amount,
        recovered_amount,
        open_amount,
        suppressed,
        as_of
    from denial_month
)

select
    cast(tenant as varchar) as tenant,
    cast(denial_month as date) as denial_month,
    cast(facility_id as varchar) as facility_id,
    cast(payer as varchar) as payer,
    cast(category as varchar) as category,
    cast(group_code as varchar) as group_code,
    cast(carc as varchar) as carc,
    cast(total_denials as bigint) as total_denials,
    cast(total_claims as bigint) as total_claims,
    cast(denial_rate as double) as denial_rate,
    cast(avg_days_to_resolution as double) as avg_days_to_resolution,
    cast(total_denied_amount as decimal(18, 2)) as total_denied_amount,
    cast(recovered_amount as decimal(18, 2)) as recovered_amount,
    cast(open_amount as decimal(18, 2)) as open_amount,
    cast(suppressed as boolean) as suppressed,
    cast(as_of as date) as as_of
from final
