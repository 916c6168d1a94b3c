-- Reads: events (gold.infection_event). Gives: hospital-acquired events over all time, and the
-- words of the code. Grain: tenant, code and infection type.
select
    tenant,
    code_system,
    code,
    infection_type,
    count(*) as events,
    max(display) as display
from events
where array_contains(measure_ids, :measure_id)
group by tenant, code_system, code, infection_type
order by tenant, code_system, code, infection_type
