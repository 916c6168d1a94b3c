-- Reads: person (tenant, person_id), survivor (tenant, patient_id, person_id: replaced records).
-- Gives: the patient records of these persons. Grain: a patient record.
select s.tenant, s.patient_id, s.person_id
from survivor s left semi join person p on s.tenant = p.tenant and s.person_id = p.person_id
union all
select p.tenant, p.person_id as patient_id, p.person_id
from person p left anti join survivor s on p.tenant = s.tenant and p.person_id = s.patient_id
