-- How old the data behind the published results is.
--
-- Question:    How far behind is each kind of record?
-- Numerator:   none; the newest times
-- Denominator: none
-- Exclusions:  none
-- Grain:       one row per tenant and FHIR resource type
-- Source:      published freshness; all times are UTC
-- Caveats:     last_updated is what the sender says of its records (meta.lastUpdated); days_behind
--              counts dates up to as_of and is negative for records newer than it

with published as (
    select
        tenant,
        resource_type,
        last_updated,
        last_ingested_at,
        published_at,
        as_of
    from freshness
),

final as (
    select
        tenant,
        resource_type,
        last_updated,
        last_ingested_at,
        published_at,
        date_diff('day', cast(last_updated as date), cast(as_of as date)) as days_behind,
        as_of
    from published
)

select
    cast(tenant as varchar) as tenant,
    cast(resource_type as varchar) as resource_type,
    cast(last_updated as timestamp(3)) as last_updated,
    cast(last_ingested_at as timestamp(3)) as last_ingested_at,
    cast(published_at as timestamp(3)) as published_at,
    cast(days_behind as bigint) as days_behind,
    cast(as_of as date) as as_of
from final
