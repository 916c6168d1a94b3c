-- Mortality in hospital and within 30 days of admission, as published.
--
-- Question:    How often does a person admitted to an acute hospital die there, and how often
--              within 30 days, wherever that is?
-- Numerator:   mortality_in_hospital: stays that ended by death;
--              mortality_30d: deaths from any cause, anywhere, 0 to 30 days after admission
-- Denominator: mortality_in_hospital: finished acute stays of adults with a known disposition;
--              mortality_30d: episodes of adults, one per person and year, chosen by a seeded hash
-- Exclusions:  mortality_in_hospital: transferred out to another acute hospital, admitted from
--              hospice, disposition unknown; mortality_30d: vital status unknown, against medical
--              advice, death before admission, date of death too vague, follow-up not complete
-- Grain:       one row per tenant, measure, period and stratum
-- Source:      AHRQ inpatient quality indicators; CMS 30-day mortality, without its risk
--              adjustment; 95 % interval by Wilson
-- Caveats:     observed rates, not risk-standardised ones; 30-day deaths are charged to the first
--              hospital of an episode, in-hospital deaths to the one where the person died; counts
--              of 1 to 10, and what would give them away, are hidden

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
    where measure_id in ('mortality_in_hospital', 'mortality_30d')
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
