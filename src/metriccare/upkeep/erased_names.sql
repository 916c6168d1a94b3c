-- Reads: stored (a tenant's silver.resolved_name), keys (the person's resources).
-- Gives: the names by which the person's resources, or the person, were referred to.
select s.*
from stored s
where exists (
    select 1
    from keys k
    where
        k.resource_type = regexp_extract(s.name, '^([A-Za-z]+)', 1)
        and k.id = s.target_id
)
