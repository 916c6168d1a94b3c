-- Reads: failed (persons not computed), computed (rows of persons). Gives: tenants with persons whose
-- computation failed, and how many persons they have. Grain: a tenant.
select tenant, count(*) as persons
from (
  select tenant, person_id from failed
  union
  select tenant, person_id from computed
) every_person
where tenant in (select tenant from failed)
group by tenant
