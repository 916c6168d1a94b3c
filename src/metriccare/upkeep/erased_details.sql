-- Reads: stored (a tenant's silver.encounter_detail), keys (the person's resources).
-- Gives: the rows of the person's encounters and of encounters that name the person.
select s.*
from stored s
where
    array_contains(:patient_ids, s.patient_id)
    or exists (
        select 1
        from keys k
        where k.resource_type = 'Encounter' and k.id = s.encounter_id
    )
