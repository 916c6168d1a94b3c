-- Reads: claim, feed_claims, member_record. Gives: by which names a row of a feed may refer to a
-- claim - its id, an identifier, `account/` and its account number - and whose claim it is.
-- Grain: a name.
with of_fhir as (
  select tenant, id, patient_id, identifiers, typed_identifiers
  from claim
  where not deleted and patient_id is not null
),
of_feed as (
  select f.tenant, f.claim_id, f.account_number, m.patient_id
  from feed_claims f
  join member_record m on f.tenant = m.tenant and f.member_id = m.member_id
  where not f.deleted
),
named as (
  select tenant, id as name, patient_id from of_fhir
  union all
  select tenant, identifier.value, patient_id
  from (select tenant, patient_id, explode(identifiers) as identifier from of_fhir) i
  union all
  select tenant, concat('account/', identifier.value), patient_id
  from (select tenant, patient_id, explode(typed_identifiers) as identifier from of_fhir) a
  where identifier.type = 'AN'
  union all
  select tenant, claim_id, patient_id from of_feed
  union all
  select tenant, concat('account/', account_number), patient_id from of_feed
)
select tenant, name, min(patient_id) as patient_id
from named
where name is not null
group by tenant, name
