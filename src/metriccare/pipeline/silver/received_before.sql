-- Contested rows with content that an earlier run received already.
-- Reads: contested, earlier (bronze rows of the type, of no pending run). Grain: a row of contested.
select c.bronze_key
from contested c
where exists (
  select 1
  from earlier e
  where e.tenant = c.tenant
    and e.resource_id = c.id
    and e.raw_sha256 = c.raw_sha256
    and e.last_updated <=> c.last_updated_sent
)
