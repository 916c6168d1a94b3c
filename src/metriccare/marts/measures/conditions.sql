-- Reads: condition, record. Gives: the person's conditions. Grain: a person.
select r.tenant, r.person_id, collect_list(c.entry) as conditions
from (
  select
    tenant,
    patient_id,
    struct(id, code_codings, encounter_id, onset, verification_status) as entry
  from condition
  where not deleted
) c
join record r on c.tenant = r.tenant and c.patient_id = r.patient_id
group by r.tenant, r.person_id
