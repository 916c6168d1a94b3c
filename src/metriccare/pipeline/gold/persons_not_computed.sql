-- Reads: failed (tenant, person_id, error, place, has_outcome), with_outcome (tenant, person_id),
-- person_not_computed. Gives: rows of a mart's table of persons not computed. Grain: a person.
-- An outcome that gold holds of a person may be undecided as well.
select
  f.tenant,
  f.person_id,
  f.error,
  f.place,
  coalesce(k.since_run_id, :run_id) as since_run_id,
  case
    when f.has_outcome or o.person_id is not null then coalesce(k.outcome_run_id, :run_id)
  end as outcome_run_id
from failed f
left join with_outcome o on f.tenant = o.tenant and f.person_id = o.person_id
left join person_not_computed k on f.tenant = k.tenant and f.person_id = k.person_id
