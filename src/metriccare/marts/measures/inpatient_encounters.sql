-- Reads: encounter, survivor. Gives: inpatient encounters and whose they are; only these persons
-- are computed. Grain: an encounter.
select
  e.tenant,
  coalesce(s.person_id, e.patient_id) as person_id,
  e.id as encounter_id,
  e.period_start_lower as starts,
  e.period_end_upper as ends
from encounter e
left join survivor s on e.tenant = s.tenant and e.patient_id = s.patient_id
where not e.deleted and e.patient_id is not null and e.class_code in ('IMP', 'ACUTE', 'NONAC')
