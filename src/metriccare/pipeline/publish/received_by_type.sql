-- Reads: bronze (bronze.resource). Gives: how many rows were received, the newest version and the
-- newest arrival. Grain: tenant and resource type.
select
    tenant,
    resource_type,
    count(*) as row_count,
    max(last_updated) as last_updated,
    max(ingested_at) as last_ingested_at
from bronze
group by tenant, resource_type
