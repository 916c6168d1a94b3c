-- Reads: by_type (received_by_type.sql), days (as_of of tenants with a date of their own).
-- Gives: publish.freshness. Grain: tenant and resource type.
select
    b.tenant,
    b.resource_type,
    b.last_updated,
    b.last_ingested_at,
    cast(:published_at as timestamp) as published_at,
    coalesce(d.as_of, :as_of) as as_of
from by_type b
left join days d on d.tenant = b.tenant
