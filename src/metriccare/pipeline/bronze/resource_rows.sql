-- The accepted records of received files as rows of bronze.resource.
-- Reads: records (part_reader.COLUMNS). Gives: a row per record, those of a type together.
select
  tenant,
  resource_type,
  resource_id,
  last_updated,
  deleted,
  raw,
  raw_sha256,
  source_file,
  source_line,
  cast(:started_at as timestamp) as ingested_at,
  :run_id as run_id,
  full_url,
  file_id,
  ingest_sequence,
  indirect,
  bundle,
  record_key,
  ingest_sequence as ordering
from records
where rule_id is null
sort by resource_type, ingest_sequence
