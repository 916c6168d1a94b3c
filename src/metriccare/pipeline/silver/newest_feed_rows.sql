-- The rows of a feed that become current: the newest of each key, if it is newer than the stored
-- row and has other content. Of rows with the same content one after the other the first is taken,
-- so that content that is sent again changes nothing.
-- Reads: judged (arriving rows of one feed), stored (its table). Grain: a key that changes.
with counted as (
  select
    bronze_key, record_key, updated_at, updated_at_sent, ingest_sequence, file_id,
    concat(raw_sha256, layout_id) as content,
    row_number() over (
      partition by record_key, updated_at_sent, raw_sha256, layout_id
      order by ingest_sequence
    ) as repeat_number
  from judged
),
duplicates as (
  select record_key, file_id
  from counted
  where updated_at_sent is null
  group by record_key, file_id
  having count(distinct content) > 1
),
newer as (
  select
    c.*,
    s.updated_at as stored_updated,
    concat(s.raw_sha256, s.layout_id) as stored_content
  from counted c
  left join stored s on s.record_key = c.record_key
  where
    (c.updated_at_sent is null or c.repeat_number = 1)
    and (
      s.updated_at is null
      or c.updated_at > s.updated_at
      or (c.updated_at = s.updated_at and c.ingest_sequence > s.ingest_sequence)
    )
),
placed as (
  select
    *,
    row_number() over (
      partition by record_key
      order by updated_at desc, ingest_sequence desc
    ) as place
  from newer
),
newest as (
  select record_key, content, stored_content, stored_updated from placed where place = 1
),
spans as (
  -- How far back the newest content goes without another between.
  select
    p.record_key,
    max(p.place) as oldest,
    min(if(p.content = n.content, null, p.place)) as other
  from placed p
  join newest n on n.record_key = p.record_key
  group by p.record_key
)
select
  p.bronze_key,
  n.stored_updated is not null as is_known,
  coalesce(p.updated_at_sent = n.stored_updated and p.content <> n.stored_content, false)
    as contested,
  d.file_id is not null as is_duplicate
from spans s
join newest n on n.record_key = s.record_key
join placed p on p.record_key = s.record_key and p.place = coalesce(s.other - 1, s.oldest)
left join duplicates d on d.record_key = p.record_key and d.file_id = p.file_id
where s.other is not null or n.stored_content is null or n.stored_content <> n.content
