-- Accounts with the numbers of their person and strata. One row per account.
-- Reads: account, strata.
with persons as (
  select distinct tenant, person_id
  from account
),
numbered as (
  select tenant, person_id, row_number() over (order by tenant, person_id) as person_no
  from persons
)
select
  a.tenant, a.account_id, p.person_no, o.stratum_no as overall_no, f.stratum_no as facility_no,
  w.stratum_no as payer_no, i.stratum_no as payer_id_no, r.stratum_no as provider_no,
  s.stratum_no as specialty_no, c.stratum_no as claim_type_no
from account as a
join numbered as p on a.tenant = p.tenant and a.person_id = p.person_id
join strata as o
  on a.tenant = o.tenant and a.currency = o.currency and o.stratum_type = 'overall'
join strata as f
  on a.tenant = f.tenant and a.currency = f.currency and f.stratum_type = 'facility'
    and coalesce(a.facility_id, 'unknown') = f.stratum_value
join strata as w
  on a.tenant = w.tenant and a.currency = w.currency and w.stratum_type = 'payer'
    and coalesce(a.payer, 'unknown') = w.stratum_value
join strata as i
  on a.tenant = i.tenant and a.currency = i.currency and i.stratum_type = 'payer_id'
    and coalesce(a.payer_id, 'unknown') = i.stratum_value
join strata as r
  on a.tenant = r.tenant and a.currency = r.currency and r.stratum_type = 'provider'
    and coalesce(a.provider_id, 'unknown') = r.stratum_value
join strata as s
  on a.tenant = s.tenant and a.currency = s.currency and s.stratum_type = 'specialty'
    and coalesce(a.specialty, 'unknown') = s.stratum_value
join strata as c
  on a.tenant = c.tenant and a.currency = c.currency and c.stratum_type = 'claim_type'
    and coalesce(a.claim_type, 'unknown') = c.stratum_value
