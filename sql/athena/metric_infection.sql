-- Infections acquired in hospital, as published.
--
-- Question:    How often do people catch an infection in hospital?
-- Numerator:   infection_hospital_acquired: infection events on hospital day 3 or later;
--              infection_stay_share: stays with at least one such event;
--              infection_cdiff_labid, infection_mrsa_labid: positive specimens taken on hospital
--              day 4 or later
-- Denominator: infection_hospital_acquired, infection_mrsa_labid: patient days (value per 1,000);
--              infection_cdiff_labid: patient days (value per 10,000);
--              infection_stay_share: acute stays (value is a proportion)
-- Exclusions:  present on admission, unconfirmed, of unknown origin, principal diagnoses; the same
--              type in one person within 14 days is one event
-- Grain:       one row per tenant, measure, period and stratum
-- Source:      timing rule after the NHSN present-on-admission definition; LabID events after NHSN;
--              95 % interval of rates exact Poisson below 10 events, else Byar, of shares Wilson
-- Caveats:     a screening proxy by dates, never to be called CLABSI or CAUTI surveillance; sir,
--              events / predicted, is given only where a file of predictions has at least 1 event;
--              counts of 1 to 10, and what would give them away, are hidden

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
    where measure_id in (
        'infection_hospital_acquired',
        'infection_stay_share',
        'infection_cdiff_labid',
        'infection_mrsa_labid'
    )
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
