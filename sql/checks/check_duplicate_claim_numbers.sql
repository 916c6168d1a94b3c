-- Tenants with claims whose number other persons or billing providers use as well.
--
-- Question:    Does every claim number name one claim?
-- Numerator:   claims: claims with a number of another person's or billing provider's claim; null
--              for 1 to 10
-- Denominator: none
-- Exclusions:  none
-- Grain:       one row per tenant with such claims; none when healthy
-- Source:      the flags of gold.claim, as publish.data_quality counts them
-- Caveats:     the claims are kept apart and both count; `dq_flags` of gold.claim names them

with final as (
    select
        tenant,
        row_count
    from publish.data_quality
    where
        layer = 'gold'
        and table_name = 'claim'
        and rule_id = 'duplicate_claim_number'
)

select
    cast(tenant as varchar) as tenant,
    cast(row_count as bigint) as claims
from final
