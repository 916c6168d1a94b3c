-- Reads: patient, record. Gives: the person's patient records. Grain: a person.
select r.tenant, r.person_id, collect_list(p.entry) as patients
from (
  select tenant, id, struct(id, birth_date, deceased_date, deceased, sex) as entry
  from patient
  where not deleted
) p
join record r on p.tenant = r.tenant and p.id = r.patient_id
group by r.tenant, r.person_id
