-- What was received or computed and is not published.
--
-- Question:    Do the published results show everything that has arrived?
-- Numerator:   none; times and dates
-- Denominator: none
-- Exclusions:  none
-- Grain:       one row per tenant and resource type whose newest record came after the publication,
--              and one per tenant whose published as_of is not the computed one; none when healthy
-- Source:      bronze.resource, publish.freshness, gold.measure_result, publish.measure
-- Caveats:     while a run is under way it is normal to see rows here

with received as (
    select
        tenant,
        resource_type,
        max(cast(ingested_at as timestamp(3))) as last_ingested_at
    from bronze.resource
    group by tenant, resource_type
),

published as (
    select
        tenant,
        max(cast(published_at as timestamp(3))) as published_at
    from publish.freshness
    group by tenant
),

computed_as_of as (
    select
        tenant,
        max(as_of) as as_of
    from gold.measure_result
    group by tenant
),

published_as_of as (
    select
        tenant,
        max(as_of) as as_of
    from publish.measure
    group by tenant
),

final as (
    select
        received.tenant,
        received.resource_type as subject,
        'received and not published' as problem,
        received.last_ingested_at as received_at,
        published.published_at,
        cast(null as date) as computed_as_of,
        cast(null as date) as published_as_of
    from received
    left join published
        on received.tenant = published.tenant
    where
        published.published_at is null
        or received.last_ingested_at > published.published_at
    union all
    select
        computed_as_of.tenant,
        'measures' as subject,
        'computed and not published' as problem,
        cast(null as timestamp(3)) as received_at,
        cast(null as timestamp(3)) as published_at,
        computed_as_of.as_of as computed_as_of,
        published_as_of.as_of as published_as_of
    from computed_as_of
    left join published_as_of
        on computed_as_of.tenant = published_as_of.tenant
    where
        published_as_of.as_of is null
        or published_as_of.as_of <> computed_as_of.as_of
)

select
    cast(tenant as varchar) as tenant,
    cast(subject as varchar) as subject,
    cast(problem as varchar) as problem,
    cast(received_at as timestamp(3)) as received_at,
    cast(published_at as timestamp(3)) as published_at,
    cast(computed_as_of as date) as computed_as_of,
    cast(published_as_of as date) as published_as_of
from final
