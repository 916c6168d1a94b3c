-- Reads: feed_members, feed_claims, feed_charges, patient. Gives: the patient record of each member
-- that a feed names: what the feed of members says, else the patient with that identifier, else a
-- person of its own. Grain: a member.
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
)
select
  n.tenant, n.member_id,
  coalesce(s.patient_id, i.patient_id, concat('member/', n.member_id)) as patient_id
from named n
left join said s on n.tenant = s.tenant and n.member_id = s.member_id
left join identified i on n.tenant = i.tenant and n.member_id = i.member_id
where n.member_id is not null
