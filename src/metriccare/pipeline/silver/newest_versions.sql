-- Rejected rows, and the newest valid row per resource; content received twice counts once.
-- Reads: judged, the rows of one type. Grain: a row of judged.
with counted as (
  select
    *,
    row_number() over (
      partition by record_key, rule_id is null, last_updated_sent, raw_sha256, deleted
      order by ingest_sequence, bronze_key
    ) as repeat_number
  from judged
),
placed as (
  select
    *,
    row_number() over (
      partition by record_key, rule_id is null
      order by last_updated desc, ingest_sequence desc, bronze_key desc
    ) as place
  from counted
  where rule_id is not null or repeat_number = 1
)
select bronze_key
from placed
where rule_id is not null or place = 1
