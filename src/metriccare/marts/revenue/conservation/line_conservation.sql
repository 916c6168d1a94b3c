-- Claims and answers whose lines do not add up to them. One row per tenant.
-- Reads: claim, claim_line, remit, remit_line.
with claim_sums as (
  select tenant, claim_id, sum(charge) as charge
  from claim_line
  group by tenant, claim_id
),
remit_sums as (
  select tenant, remit_id, claim_id, sum(charge) as charge, sum(paid) as paid
  from remit_line
  group by tenant, remit_id, claim_id
),
compared as (
  select c.tenant, coalesce(c.charge, 0) = coalesce(s.charge, 0) as is_equal
  from claim as c
  left join claim_sums as s on c.tenant = s.tenant and c.claim_id = s.claim_id
  union all
  select
    r.tenant,
    coalesce(r.charge, 0) = coalesce(s.charge, 0) and coalesce(r.paid, 0) = coalesce(s.paid, 0)
  from remit as r
  left join remit_sums as s
    on r.tenant = s.tenant and r.remit_id = s.remit_id and r.claim_id = s.claim_id
)
select tenant, count_if(not is_equal) as violations
from compared
group by tenant
