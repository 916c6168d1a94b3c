-- Reads: claim, explanation_of_benefit, record, inpatient. Gives: claims of inpatient encounters,
-- and claims that name no encounter but fall into the days of one; a day covers every zone.
-- Claims repeat every comorbidity: only what can name or judge an infection, or the principal
-- diagnosis, is taken along. Grain: a person.
with billed as (
  select
    'Claim' as type, tenant, patient_id, id, status, `use`, encounters, type_code, provider_id,
    billable_start, billable_end, created, diagnoses, billable_start_lower, billable_end_upper
  from claim
  where not deleted
  union all
  select
    'ExplanationOfBenefit' as type, tenant, patient_id, id, status, `use`, encounters, type_code,
    provider_id, billable_start, billable_end, created, diagnoses, billable_start_lower,
    billable_end_upper
  from explanation_of_benefit
  where not deleted
),
of_person as (
  select b.*, r.person_id
  from billed b
  join record r on b.tenant = r.tenant and b.patient_id = r.patient_id
  where
    size(b.diagnoses) > 0
    and not coalesce(b.status in ('cancelled', 'draft', 'entered-in-error'), false)
    and coalesce(b.`use`, 'claim') = 'claim'
),
placed as (
  select distinct e.tenant, e.type, e.id
  from (
    select tenant, type, id, explode(transform(encounters, e -> e.encounter_id)) as encounter_id
    from of_person
  ) e
  left semi join inpatient i on e.tenant = i.tenant and e.encounter_id = i.encounter_id
),
dated as (
  select distinct c.tenant, c.type, c.id
  from of_person c
  join inpatient i on c.tenant = i.tenant and c.person_id = i.person_id
  where
    coalesce(size(c.encounters), 0) <= 0
    and c.billable_start_lower <= coalesce(i.ends, c.billable_start_lower) + interval 1 day
    and c.billable_end_upper >= i.starts - interval 1 day
),
entries as (
  select
    c.tenant,
    c.person_id,
    struct(
      c.id,
      transform(c.encounters, e -> e.encounter_id) as encounter_ids,
      c.type_code,
      c.provider_id,
      c.billable_start,
      c.billable_end,
      c.created,
      exists(c.diagnoses, d -> trim(d.on_admission) <> '') as has_indicator,
      filter(
        c.diagnoses,
        d -> array_contains(d.type_codes, 'principal')
        or d.sequence = 1
        or d.sequence is null
        or (d.condition_id is not null and d.on_admission is not null)
        or exists(
          d.codings, c -> upper(replace(replace(c.code, '.', ''), ' ', '')) rlike :infections
        )
      ) as diagnoses
    ) as entry
  from of_person c
  left semi join (select * from placed union all select * from dated) k
    on c.tenant = k.tenant and c.type = k.type and c.id = k.id
)
select tenant, person_id, collect_list(entry) as claims
from entries
group by tenant, person_id
