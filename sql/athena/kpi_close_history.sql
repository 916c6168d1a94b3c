-- Closed months beside the figures as they are known now.
--
-- Question:    What did a closed month say, and what has changed since?
-- Numerator:   difference: restated less closed
-- Denominator: none
-- Exclusions:  strata other than facilities and everything together
-- Grain:       one row per tenant, KPI, month, facility (`all`: everything), currency and close
-- Source:      published closes; a month that is closed again keeps its first close
-- Caveats:     closed figures never change; hidden figures, then or now, are null

with final as (
    select
        tenant,
        kpi_id,
        period_start,
        stratum_value,
        close_version,
        closed_value,
        restated_value,
        difference,
        closed_at
    from kpi_close
    where
        grain = 'month'
        and stratum_type in ('overall', 'facility')
)

select
    cast(tenant as varchar) as tenant,
    cast(kpi_id as varchar) as kpi_id,
    cast(period_start as date) as month_year,
    cast(stratum_value as varchar) as facility_id,
    cast(close_version as integer) as close_version,
    cast(closed_value as decimal(18, 6)) as closed_value,
    cast(restated_value as decimal(18, 6)) as restated_value,
    cast(difference as decimal(18, 6)) as difference,
    cast(closed_at as timestamp(3)) as closed_at
from final
