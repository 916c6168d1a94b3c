-- Reads: procedure, record. Gives: procedures of which a coding may belong to a code set; the
-- measures decide. Grain: a person.
select r.tenant, r.person_id, collect_list(p.entry) as procedures
from (
  select
    tenant,
    patient_id,
    struct(id, code_codings, encounter_id, performed_start) as entry
  from procedure
  where
    not deleted
    and exists(
      code_codings, c -> upper(replace(replace(c.code, '.', ''), ' ', '')) rlike :procedures
    )
) p
join record r on p.tenant = r.tenant and p.patient_id = r.patient_id
group by r.tenant, r.person_id
