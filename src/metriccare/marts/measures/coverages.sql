-- Reads: coverage, record. Gives: the person's covers. Grain: a person.
select r.tenant, r.person_id, collect_list(c.entry) as coverages
from (
  select
    tenant,
    patient_id,
    struct(
      id, type_codings, coalesce(type_text, payor_display) as words, period_start, period_end, rank
    ) as entry
  from coverage
  where not deleted
) c
join record r on c.tenant = r.tenant and c.patient_id = r.patient_id
group by r.tenant, r.person_id
