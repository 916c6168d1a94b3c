-- Reads: observation, specimen, record. Gives: final results of the tests that LabID events watch.
-- Observations are the largest table: codes are compared as they stand. Grain: a person.
with tests as (
  select
    o.tenant, r.person_id, o.id, o.code_codings, o.encounter_id, o.specimen_id, o.effective,
    o.value_codings, o.value_text, o.interpretation_codings
  from observation o
  join record r on o.tenant = r.tenant and o.patient_id = r.patient_id
  where
    not o.deleted
    and (o.status in ('final', 'amended', 'corrected') or o.status is null)
    and exists(o.code_codings, c -> array_contains(:lab_tests, c.code))
),
entries as (
  select
    t.tenant,
    t.person_id,
    struct(
      t.id, t.code_codings, t.encounter_id, coalesce(s.collected, t.effective) as collected,
      t.value_codings, t.value_text, t.interpretation_codings
    ) as entry
  from tests t
  left join (select tenant, id, collected from specimen where not deleted) s
    on t.tenant = s.tenant and t.specimen_id = s.id
)
select tenant, person_id, collect_list(entry) as results
from entries
group by tenant, person_id
