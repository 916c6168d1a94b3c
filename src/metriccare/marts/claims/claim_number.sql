-- Reads: claim, feed_claims, member_record, survivor. Gives: the numbers of claims - id, identifiers
-- other than the account number, number in a feed - and whose claim it is. Grain: a number and a
-- patient record.
with of_fhir as (
  select tenant, id, patient_id, typed_identifiers
  from claim
  where not deleted and patient_id is not null
),
numbered as (
  select tenant, id as number, patient_id from of_fhir
  union all
  select tenant, identifier.value, patient_id
  from (select tenant, patient_id, explode(typed_identifiers) as identifier from of_fhir) i
  where coalesce(identifier.type, '') <> 'AN'
  union all
  select f.tenant, f.claim_id, m.patient_id
  from feed_claims f
  join member_record m on f.tenant = m.tenant and f.member_id = m.member_id
  where not f.deleted
)
select distinct
  n.tenant, n.number, n.patient_id, coalesce(s.person_id, n.patient_id) as person_id
from numbered n
left join survivor s on n.tenant = s.tenant and n.patient_id = s.patient_id
where n.number is not null and n.patient_id is not null
