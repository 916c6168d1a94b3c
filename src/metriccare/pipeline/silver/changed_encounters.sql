-- Encounters that changed, or whose patient, hospital or conditions did.
-- Reads: encounters, stored (encounter_detail), and what the pending runs wrote: own, patients,
-- conditions, organizations. Grain: an encounter.
with named as (
  select tenant, encounter_id as id, explode(conditions) as c from stored
)
select distinct tenant, id
from (
  select tenant, id from own
  union all
  select e.tenant, e.id
  from encounters e left semi join patients p on p.tenant = e.tenant and p.id = e.patient_id
  union all
  select e.tenant, e.id
  from encounters e
  left semi join organizations o on o.tenant = e.tenant and o.id = e.service_provider_id
  union all
  select tenant, encounter_id as id from conditions
  union all
  select n.tenant, n.id
  from named n left semi join conditions c on c.tenant = n.tenant and c.id = n.c.condition_id
) every_change
where id is not null
