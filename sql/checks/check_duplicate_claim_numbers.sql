-- Claim numbers that several persons or billing providers share.
--
-- Question:    Does every claim number name one claim?
-- Numerator:   persons, billing_providers: how many share the number
-- Denominator: none
-- Exclusions:  none
-- Grain:       one row per tenant and claim number with several; none when healthy
-- Source:      gold.claim
-- Caveats:     the claims are kept apart and both count

with counted as (
    select
        tenant,
        claim_id,
        count(distinct person_id) as persons,
        count(distinct billing_provider_id) as billing_providers
    from gold.claim
    group by tenant, claim_id
),

final as (
    select
        tenant,
        claim_id,
        persons,
        billing_providers
    from counted
    where
        persons > 1
        or billing_providers > 1
)

select
    cast(tenant as varchar) as tenant,
    cast(claim_id as varchar) as claim_id,
    cast(persons as bigint) as persons,
    cast(billing_providers as bigint) as billing_providers
from final
