-- Rejected rows, and valid ones that are new or newer than the stored row of the resource.
-- Reads: arriving and stored, each with `patient_id`. Grain: a row of arriving.
-- `contested`: it has the time of the stored row, or no time; bronze's history decides.
-- `released_patient_id`: the patient that only the stored row names.
select
  a.bronze_key,
  s.last_updated as stored_updated,
  s.last_updated is not null
    and (a.last_updated = s.last_updated or a.last_updated_sent is null) as contested,
  if(s.patient_id <=> a.patient_id, null, s.patient_id) as released_patient_id
from arriving a
left join stored s on s.record_key = a.record_key
where
  a.rule_id is not null
  or s.last_updated is null
  or (
    (
      a.last_updated > s.last_updated
      or (a.last_updated = s.last_updated and a.ingest_sequence > s.ingest_sequence)
    )
    and not (
      a.raw_sha256 = s.raw_sha256
      and (a.last_updated = s.last_updated or a.last_updated_sent is null)
    )
  )
