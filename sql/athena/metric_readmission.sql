-- Unplanned readmission within 30 days, as published.
--
-- Question:    How often is a person discharged alive back in an acute hospital, unplanned, within
--              30 days?
-- Numerator:   index stays whose first acute inpatient admission 0 to 30 days after discharge, at
--              any hospital, is unplanned
-- Denominator: index stays: the last stay of an episode, acute, age 18 or older at admission,
--              discharged alive, discharged at least 30 days before as_of
-- Exclusions:  against medical advice, psychiatric, rehabilitation, medical treatment of cancer,
--              transferred out without a partner stay, 365 days or longer, follow-up not complete
-- Grain:       one row per tenant, measure, period and stratum
-- Source:      CMS hospital-wide readmission (CBE 1789), without its risk adjustment; 95 % interval
--              by Wilson
-- Caveats:     an observed rate, not a risk-standardised one; charged to the hospital that
--              discharged the episode; counts of 1 to 10, and what would give them away, are hidden

with published as (
    select
        tenant,
        measure_id,
        grain,
        period_start,
        period_end,
        stratum_type,
        stratum_value,
        stratum_label,
        numerator,
        denominator,
        value,
        ci_low,
        ci_high,
        suppressed,
        as_of,
        measure_title,
        method,
        predicted,
        sir,
        median,
        percentile_90,
        geometric_mean
    from measure
),

final as (
    select
        tenant,
        measure_id,
        grain,
        period_start,
        period_end,
        stratum_type,
        stratum_value,
        coalesce(stratum_label, stratum_value) as stratum_label,
        numerator,
        denominator,
        value,
        ci_low,
        ci_high,
        suppressed,
        as_of,
        measure_title,
        method,
        predicted,
        sir,
        median,
        percentile_90,
        geometric_mean
    from published
    where measure_id in ('readmission_30d')
)

select
    cast(tenant as varchar) as tenant,
    cast(measure_id as varchar) as measure_id,
    cast(grain as varchar) as grain,
    cast(period_start as date) as period_start,
    cast(period_end as date) as period_end,
    cast(stratum_type as varchar) as stratum_type,
    cast(stratum_value as varchar) as stratum_value,
    cast(stratum_label as varchar) as stratum_label,
    cast(numerator as bigint) as numerator,
    cast(denominator as bigint) as denominator,
    cast(value as double) as value,
    cast(ci_low as double) as ci_low,
    cast(ci_high as double) as ci_high,
    cast(suppressed as boolean) as suppressed,
    cast(as_of as date) as as_of,
    cast(measure_title as varchar) as measure_title,
    cast(method as varchar) as method,
    cast(predicted as double) as predicted,
    cast(sir as double) as sir,
    cast(median as double) as median,
    cast(percentile_90 as double) as percentile_90,
    cast(geometric_mean as double) as geometric_mean
from final
