-- Reads: released_name, member_record, claim_name. Gives: the patient records that these names mean.
-- Grain: a name.
select r.tenant, m.patient_id
from released_name r
join member_record m on r.tenant = m.tenant and r.name = concat('member/', m.member_id)
union all
select r.tenant, c.patient_id
from released_name r
join claim_name c on r.tenant = c.tenant
where r.name = concat('claims/', c.name) or r.name = c.name
union all
select tenant, substring(name, 9) as patient_id from released_name where name like 'Patient/%'
union all
-- Until the feed of members names a patient, a member is a person of its own.
select tenant, name as patient_id from released_name where name like 'member/%'
