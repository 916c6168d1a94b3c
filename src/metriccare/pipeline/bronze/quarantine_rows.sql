-- The rejected records of received files as rows of bronze.quarantine.
-- Reads: records (part_reader.COLUMNS). Gives: a row per record and the rule that rejects it.
select
  tenant,
  source_file,
  source_line,
  rule_id,
  reason,
  resource_type,
  resource_id,
  raw,
  :run_id as run_id,
  cast(:started_at as timestamp) as ingested_at,
  cast(null as string) as redriven_run_id,
  file_id,
  concat_ws('|', record_key, rule_id) as record_key,
  ingest_sequence as ordering
from records
where rule_id is not null
