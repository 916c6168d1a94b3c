-- The joined table for analysts: encounters with their patients, hospitals and conditions.
-- Reads: encounters, patients, organizations, conditions. Grain: a current encounter.
-- Conditions are those recorded in an encounter and those it names, once each.
with current_encounters as (
  select * from encounters where not deleted
),
current_conditions as (
  select * from conditions where not deleted
),
recorded as (
  select tenant, encounter_id, id as condition_id, cast(null as string) as role,
    cast(null as int) as rank
  from current_conditions
  where encounter_id is not null
),
uses as (
  select tenant, id as encounter_id, explode(diagnoses) as d
  from current_encounters
),
named as (
  -- Of several uses the first that has a code.
  select tenant, encounter_id, d.condition_id,
    get(filter(d.use_codes, u -> u is not null), 0) as role, d.rank
  from uses
  where d.condition_id is not null
),
roles as (
  select tenant, encounter_id, condition_id, min(role) as role, min(rank) as rank
  from (select * from recorded union all select * from named) every_use
  group by tenant, encounter_id, condition_id
),
lists as (
  select
    r.tenant,
    r.encounter_id,
    sort_array(
      collect_list(
        named_struct(
          'condition_id', r.condition_id,
          'system', c.code_system,
          'code', c.code,
          'display', c.code_display,
          'onset', c.onset,
          'verification_status', c.verification_status,
          'role', r.role,
          'rank', r.rank
        )
      )
    ) as conditions
  from roles r
  join current_conditions c on c.tenant = r.tenant and c.id = r.condition_id
  group by r.tenant, r.encounter_id
)
select
  e.tenant,
  e.id as encounter_id,
  e.patient_id,
  e.status,
  e.class_code,
  e.service_provider_id,
  o.name as service_provider_name,
  e.period_start,
  e.period_end,
  e.period_start_lower,
  e.period_end_upper,
  p.sex,
  p.birth_date,
  cast(floor(months_between(e.period_start_lower, p.birth_date_lower) / 12) as int) as age,
  coalesce(
    l.conditions,
    cast(
      array() as array<struct<condition_id:string,system:string,code:string,display:string,
        onset:string,verification_status:string,role:string,rank:int>>
    )
  ) as conditions,
  e.dq_flags,
  e.last_updated,
  e.source_file,
  e.source_line,
  e.data_quality_score
from current_encounters e
left join patients p on p.tenant = e.tenant and p.id = e.patient_id and not p.deleted
left join organizations o
  on o.tenant = e.tenant and o.id = e.service_provider_id and not o.deleted
left join lists l on l.tenant = e.tenant and l.encounter_id = e.id
