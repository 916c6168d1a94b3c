-- Answers of payers to claims that have not arrived.
--
-- Question:    Do nearly all answers find their claim?
-- Numerator:   orphans: answers whose claim is not there
-- Denominator: remits: all answers
-- Exclusions:  tenants with fewer than 100 answers
-- Grain:       one row per tenant with more than 1 % of orphans; none when healthy
-- Source:      gold.remit, gold.claim
-- Caveats:     an answer that comes before its claim is attached when the claim arrives

with counted as (
    select
        remit.tenant,
        count(*) as remits,
        sum(case when claim.claim_id is null then 1 else 0 end) as orphans
    from gold.remit
    left join gold.claim
        on
            remit.tenant = claim.tenant
            and remit.claim_id = claim.claim_id
    group by remit.tenant
),

final as (
    select
        tenant,
        remits,
        orphans
    from counted
    where
        remits >= 100
        and orphans * 100 > remits
)

select
    cast(tenant as varchar) as tenant,
    cast(remits as bigint) as remits,
    cast(orphans as bigint) as orphans
from final
