-- Average length of stay, as published.
--
-- Question:    How long do people stay in hospital?
-- Numerator:   days, at least 1 a stay, counted in calendar dates of the facility's time zone
-- Denominator: discharges from acute stays, in the period of the discharge; alos counts each
--              hospital's stays, alos_episode merges transfers into one discharge
-- Exclusions:  open stays, stays whose dates contradict each other, stays that are not acute
-- Grain:       one row per tenant, measure, period and stratum
-- Source:      pooled mean, sum of days over discharges; never an average of averages
-- Caveats:     a mean is drawn by few long stays; no interval is published for it; counts of 1 to
--              10, and what would give them away, are hidden

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
    where measure_id in ('alos', 'alos_episode')
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
