-- Hospital-acquired infection events by SNOMED CT code: the donut.
--
-- Question:    Which infections do people catch in hospital?
-- Numerator:   infection events on hospital day 3 or later, by the code they were recorded with
-- Denominator: none; a count
-- Exclusions:  those of metric_infection; events recorded in other code systems only
-- Grain:       one row per tenant and code
-- Source:      published infection codes, all periods
-- Caveats:     counts of 1 to 10 are hidden, so what is shown need not be all; one event is
--              counted under one code

with published as (
    select
        tenant,
        code_system,
        code,
        display,
        infection_type,
        events,
        suppressed,
        as_of
    from infection_code
),

final as (
    select
        tenant,
        code as snomed_code,
        coalesce(display, code) as display,
        infection_type,
        events,
        suppressed,
        as_of
    from published
    where code_system = 'http://snomed.info/sct'
)

select
    cast(tenant as varchar) as tenant,
    cast(snomed_code as varchar) as snomed_code,
    cast(display as varchar) as display,
    cast(infection_type as varchar) as infection_type,
    cast(events as bigint) as events,
    cast(suppressed as boolean) as suppressed,
    cast(as_of as date) as as_of
from final
