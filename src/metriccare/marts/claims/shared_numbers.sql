-- Reads: claim_number. Gives: the numbers that claims of several persons have.
-- Grain: a number and a patient record.
select c.tenant, c.number, c.patient_id, c.person_id
from claim_number c
left semi join (
  select tenant, number
  from claim_number
  group by tenant, number
  having count(distinct person_id) > 1
) several on several.tenant = c.tenant and several.number = c.number
