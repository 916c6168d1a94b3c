-- Reads: patient (tenant, patient_id: records whose rows changed), survivor, encounter, stay,
-- person_not_computed. Gives: the persons to compute. Grain: a person.
-- After a merge is undone, or a link changed, a record's stays are still another person's.
with of_changed_stays as (
  select s.tenant, s.person_id
  from (select tenant, person_id, explode(encounter_ids) as encounter_id from stay) s
  left semi join (
    select e.tenant, e.id
    from encounter e
    left semi join patient p on e.tenant = p.tenant and e.patient_id = p.patient_id
    where not e.deleted
  ) c on s.tenant = c.tenant and s.encounter_id = c.id
)
select distinct tenant, person_id
from (
  select p.tenant, s.person_id
  from patient p
  join survivor s on p.tenant = s.tenant and p.patient_id = s.patient_id
  union all
  select tenant, patient_id as person_id from patient
  union all
  select tenant, person_id from of_changed_stays
  union all
  select tenant, person_id from person_not_computed
) affected
