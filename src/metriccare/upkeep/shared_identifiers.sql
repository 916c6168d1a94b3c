-- Reads: patients (a tenant's silver.patient). Gives: the identifiers of some patients (`is_own`)
-- and those of other patients with one of their values. Grain: owner, system and value.
with identifiers as (
    select
        array_contains(:ids, id) as is_own,
        explode(identifiers) as identifier
    from patients
),

named as (
    select
        is_own,
        identifier.system as system,
        identifier.value as value
    from identifiers
    where identifier.value is not null
)

select distinct
    n.is_own,
    n.system,
    n.value
from named n
where exists (
    select 1
    from named o
    where o.is_own and o.value = n.value
)
