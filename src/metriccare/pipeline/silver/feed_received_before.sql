-- Arriving rows with content and a time that an earlier run received already.
-- Reads: judged (arriving rows of one feed), earlier (bronze rows of it, of no pending run).
-- Grain: a row of judged.
select j.bronze_key
from judged j
where exists (
  select 1
  from earlier e
  where e.tenant = j.tenant
    and e.record_id = j.record_id
    and e.raw_sha256 = j.raw_sha256
    and e.layout_id = j.layout_id
    and e.updated_at = j.updated_at_sent
)
