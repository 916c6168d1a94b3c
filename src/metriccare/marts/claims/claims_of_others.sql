-- Reads: claim, feed_claims, member_record, claim_name, record, survivor. Gives: ids that a person's
-- claims name as prior and that are claims of somebody else. Grain: a person.
with naming as (
  select c.tenant, c.patient_id, explode(transform(c.related, r -> r.claim_id)) as name
  from claim c
  where not c.deleted
  union all
  select f.tenant, m.patient_id, f.original_claim_id
  from feed_claims f
  join member_record m on f.tenant = m.tenant and f.member_id = m.member_id
  where not f.deleted
),
own as (
  select n.tenant, r.person_id, n.name
  from naming n
  join record r on n.tenant = r.tenant and n.patient_id = r.patient_id
)
select o.tenant, o.person_id, collect_list(o.name) as entries
from (
  select distinct o.tenant, o.person_id, o.name
  from own o
  join claim_name c on o.tenant = c.tenant and o.name = c.name
  left join survivor s on c.tenant = s.tenant and c.patient_id = s.patient_id
  where coalesce(s.person_id, c.patient_id) <> o.person_id
) o
group by o.tenant, o.person_id
