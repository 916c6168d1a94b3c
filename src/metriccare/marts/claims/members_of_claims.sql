-- Reads: claim (changed rows), feed_claims. Gives: the persons of their own that members of rows of
-- feeds were which repeat these claims. Grain: a member and a claim.
with names as (
  select tenant, id as name from claim
  union all
  select tenant, identifier.value
  from (select tenant, explode(identifiers) as identifier from claim) c
)
select f.tenant, concat('member/', f.member_id) as patient_id
from feed_claims f
join names n on f.tenant = n.tenant and f.claim_id = n.name
where f.member_id is not null
