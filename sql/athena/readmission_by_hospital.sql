-- Unplanned 30-day readmission of each hospital over the whole time: the bars.
--
-- Question:    Which hospitals see more of their patients back within 30 days?
-- Numerator:   index stays followed by an unplanned readmission (see metric_readmission)
-- Denominator: index stays the hospital discharged
-- Exclusions:  those of metric_readmission
-- Grain:       one row per tenant and hospital
-- Source:      published measure readmission_30d, grain all, stratum hospital
-- Caveats:     not risk-adjusted: hospitals differ in whom they treat, so compare intervals, not
--              ranks; hidden rows have no figures

with published as (
    select
        tenant,
        measure_id,
        grain,
        stratum_type,
        stratum_value,
        stratum_label,
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
        stratum_value as hospital_id,
        coalesce(stratum_label, stratum_value) as hospital_name,
        numerator,
        denominator,
        value,
        ci_low,
        ci_high,
        suppressed,
        as_of
    from published
    where
        measure_id = 'readmission_30d'
        and grain = 'all'
        and stratum_type = 'hospital'
)

select
    cast(tenant as varchar) as tenant,
    cast(hospital_id as varchar) as hospital_id,
    cast(hospital_name as varchar) as hospital_name,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(value as double) as value,
    cast(ci_low as double) as ci_low,
    cast(ci_high as double) as ci_high,
    cast(suppressed as boolean) as suppressed,
    cast(as_of as date) as as_of
from final
