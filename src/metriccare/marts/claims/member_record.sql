-- Reads: feed_members, feed_claims, feed_charges, patient, claim. Gives: the patient record of each
-- member that a feed names: what the feed of members says, else the patient with that identifier,
-- else the patient of the FHIR claim that a feed repeats, else a person of its own. Grain: a member.
with named as (
  select tenant, member_id from feed_members where not deleted
  union
  select tenant, member_id from feed_claims where not deleted
  union
  select tenant, member_id from feed_charges where not deleted
),
said as (
  select tenant, member_id, min(patient_id) as patient_id
  from feed_members
  where not deleted and patient_id is not null
  group by tenant, member_id
),
identified as (
  select tenant, identifier.value as member_id, min(id) as patient_id
  from (select tenant, id, explode(identifiers) as identifier from patient where not deleted) p
  group by tenant, identifier.value
),
claim_names as (
  select tenant, id as name, patient_id from claim where not deleted
  union all
  select tenant, identifier.value, patient_id
  from (select tenant, patient_id, explode(identifiers) as identifier from claim where not deleted) c
),
claimed as (
  select f.tenant, f.member_id, min(c.patient_id) as patient_id
  from feed_claims f
  join claim_names c on f.tenant = c.tenant and f.claim_id = c.name
  where not f.deleted
  group by f.tenant, f.member_id
)
select
  n.tenant, n.member_id,
  coalesce(
    s.patient_id, i.patient_id, c.patient_id, concat('member/', n.member_id)
  ) as patient_id
from named n
left join claimed c on n.tenant = c.tenant and n.member_id = c.member_id
left join said s on n.tenant = s.tenant and n.member_id = s.member_id
left join identified i on n.tenant = i.tenant and n.member_id = i.member_id
where n.member_id is not null
