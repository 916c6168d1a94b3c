-- Reads: person, and of each kind the entries of a person. Gives: all that the measures may ask of
-- a person. Grain: a person.
select
  p.tenant, p.person_id, e.encounters, a.patients, c.conditions, r.procedures, b.claims, o.results,
  v.coverages
from person p
left join encounters e on p.tenant = e.tenant and p.person_id = e.person_id
left join patients a on p.tenant = a.tenant and p.person_id = a.person_id
left join conditions c on p.tenant = c.tenant and p.person_id = c.person_id
left join procedures r on p.tenant = r.tenant and p.person_id = r.person_id
left join claims b on p.tenant = b.tenant and p.person_id = b.person_id
left join results o on p.tenant = o.tenant and p.person_id = o.person_id
left join coverages v on p.tenant = v.tenant and p.person_id = v.person_id
