-- Rows of which a waiting reference can be told more about now: one resource goes by the name it
-- waits for, or several, or no longer several; or the patient it waits for is there.
-- Reads: waiting, known (what names mean now), patients. Grain: tenant, table_name, id.
with known_references as (
  -- An urn is asked for with the type before it and waits without.
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
