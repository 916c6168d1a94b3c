-- Reads: stored (a tenant's silver.unresolved_reference), keys (the person's resources).
-- Gives: the references that wait for the person, or are in the person's resources.
select s.*
from stored s
where
    array_contains(:names, s.reference)
    or exists (
        select 1
        from keys k
        where k.table_name = s.table_name and k.id = s.id
    )
