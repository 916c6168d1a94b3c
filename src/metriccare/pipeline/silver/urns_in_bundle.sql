-- The meanings of urns among the entries of the row's own Bundle.
-- Reads: wanted (names in references, by row), bronze. Grain: a row and name that was found.
-- `other`: the type of an entry with the urn, if no entry of the wanted type has it.
with urns as (
  select
    tenant,
    record_key,
    file_id,
    bundle,
    name,
    substr(name, 1, instr(name, ' ') - 1) as target,
    substr(name, instr(name, ' ') + 1) as urn
  from wanted
  where name rlike '^[A-Za-z]+ urn:'
),
entries as (
  select tenant, file_id, bundle, resource_type, resource_id, full_url
  from bronze
  where full_url like 'urn:%' and bundle is not null
),
found as (
  select
    u.record_key,
    u.name,
    min(if(e.resource_type = u.target, e.resource_id, null)) as least,
    max(if(e.resource_type = u.target, e.resource_id, null)) as greatest,
    min(if(e.resource_type <> u.target, e.resource_type, null)) as other
  from urns u
  join entries e
    on e.tenant = u.tenant and e.file_id = u.file_id and e.bundle = u.bundle and e.full_url = u.urn
  group by u.record_key, u.name
)
select
  record_key,
  name,
  if(least = greatest, least, null) as target_id,
  coalesce(least <> greatest, false) as ambiguous,
  if(least is null, other, null) as other,
  false as by_name
from found
