-- Mortality of all hospitals together, year by year: the line.
--
-- Question:    Does mortality rise or fall over the years?
-- Numerator:   deaths (see metric_mortality)
-- Denominator: stays (mortality_in_hospital) or episodes (mortality_30d) of the year
-- Exclusions:  those of metric_mortality
-- Grain:       one row per tenant, measure and year
-- Source:      published measures mortality_in_hospital and mortality_30d, grain year, overall
-- Caveats:     the year of as_of may be incomplete; not risk-adjusted

with published as (
    select
        tenant,
        measure_id,
        grain,
        period_start,
        stratum_type,
        numerator,
        denominator,
        value,
        ci_low,
        ci_high,
        suppressed,
        as_of
    from measure
),

final as (
    select
        tenant,
        measure_id,
        year(period_start) as period_year,
        numerator,
        denominator,
        value,
        ci_low,
        ci_high,
        suppressed,
        as_of
    from published
    where
        measure_id in ('mortality_in_hospital', 'mortality_30d')
        and grain = 'year'
        and stratum_type = 'overall'
)

select
    cast(tenant as varchar) as tenant,
    cast(measure_id as varchar) as measure_id,
    cast(period_year as integer) as period_year,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(value as double) as value,
    cast(ci_low as double) as ci_low,
    cast(ci_high as double) as ci_high,
    cast(suppressed as boolean) as suppressed,
    cast(as_of as date) as as_of
from final
