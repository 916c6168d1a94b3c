-- Rejected rows, and good ones that are new or newer than what is stored of the resource.
-- Reads: arriving and stored, each with `patient_id`. Grain: a row of arriving.
-- `contested`: it ties with what is stored or has no time of its own; bronze must be asked.
-- `released_patient_id`: the patient whom the stored row names and the new one does not.
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
