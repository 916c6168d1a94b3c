-- Reads: encounter, record. Gives: what can be part of a stay; emergency and observation time
-- delays hospital day 1. Grain: a person.
select r.tenant, r.person_id, collect_list(e.entry) as encounters
from (
  select
    tenant,
    patient_id,
    struct(
      id, status, class_code, period_start, period_end, service_provider_id, part_of_id,
      type_codings, service_type_codings, priority_codings, admit_source_codings,
      discharge_disposition_codings, diagnoses, locations,
      unix_micros(last_updated) as last_updated, source_file, source_line
    ) as entry
  from encounter
  where not deleted and class_code in ('IMP', 'ACUTE', 'NONAC', 'EMER', 'OBSENC')
) e
join record r on e.tenant = r.tenant and e.patient_id = r.patient_id
group by r.tenant, r.person_id
