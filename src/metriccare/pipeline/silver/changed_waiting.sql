-- Rows with a waiting reference that has a new meaning: the number of resources with its name has
-- changed between none, one and several; or the patient it waits for has arrived.
-- Reads: waiting, known (what names mean now), patients. Grain: tenant, table_name, id.
with known_references as (
  -- A name has the type before an urn; a waiting reference does not.
  select
    tenant,
    if(name rlike '^[A-Za-z]+ urn:', substr(name, instr(name, ' ') + 1), name) as reference,
    target_id,
    ambiguous
  from known
)
select distinct tenant, table_name, id
from (
  select w.tenant, w.table_name, w.id
  from waiting w
  left join known_references k on k.tenant = w.tenant and k.reference = w.reference
  where
    k.target_id is not null
    or coalesce(k.ambiguous, false) <> coalesce(w.ambiguous, false)
  union all
  select w.tenant, w.table_name, w.id
  from waiting w
  left semi join patients p
    on p.tenant = w.tenant and 'Patient/' || p.id = w.reference and not p.deleted
) every_change
